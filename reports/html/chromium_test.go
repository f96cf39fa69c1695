package html_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/reports/html"
	"github.com/fapitest/fapitest/reports/internal/sample"
)

// opened is the page of a report in Chromium, as its reader sees it.
func opened(t *testing.T, r *verdict.Report) context.Context {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		t.Fatal("there is no Chromium: make chromium")
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(written(t, r, html.Options{Evidence: sample.Evidence})), 0o600); err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox)
	ctx, end := context.WithTimeout(t.Context(), 5*time.Minute) // for a machine that does much else
	t.Cleanup(end)
	ctx, end = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(end)
	ctx, end = chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Listen(ctx, func(event any) {
		if thrown, is := event.(*runtime.EventExceptionThrown); is {
			t.Errorf("the page's script: %s", thrown.ExceptionDetails.Text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Run(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: file}).String())); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// asked is what an expression comes to on the page, when its promise is kept.
func asked[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// at has the page as wide as a window, in a colour scheme, and everything on it folded or open.
func at(t *testing.T, ctx context.Context, width int64, scheme string, open bool) {
	t.Helper()
	scheming := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
	if _, err := chromedp.Run(ctx, chromedp.Steps(chromedp.EmulateViewport(width, 900), scheming)); err != nil {
		t.Fatal(err)
	}
	asked[chromedp.Void](t, ctx, fmt.Sprintf(`document.querySelectorAll("details").forEach((d) => { d.open = %t })`, open))
}

// axe-core finds nothing, wide and narrow, in the light and in the dark, folded and open.
func TestAxe(t *testing.T) {
	axe, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("make axe: %s", err)
	}
	for name, report := range map[string]*verdict.Report{"not conformant": sample.NotConformant(), "inconclusive": sample.Inconclusive()} { // these have everything that there is
		ctx := opened(t, report)
		asked[chromedp.Void](t, ctx, string(axe))
		for _, width := range []int64{1700, 390} {
			for _, scheme := range []string{"light", "dark"} {
				at(t, ctx, width, scheme, width == 390)
				for _, violation := range asked[[]string](t, ctx,
					`axe.run().then((r) => r.violations.map((v) => v.impact + " " + v.id + " " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" ")))`) {
					t.Errorf("%s, %d pixels, %s: %s", name, width, scheme, violation)
				}
			}
		}
	}
}

// The page is never wider than its window.
func TestNothingOverflowsSideways(t *testing.T) {
	for _, s := range sample.All() {
		ctx := opened(t, s.Report)
		for _, width := range []int64{1700, 1280, 768, 390, 320} {
			at(t, ctx, width, "light", true)
			if over := asked[int](t, ctx, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("%s is %d pixels too wide at %d: %q", s.Name, over, width, asked[[]string](t, ctx, `Array.from(document.querySelectorAll("body *"))
					.filter((e) => !e.closest(".tablewrap, pre") && e.getBoundingClientRect().right > innerWidth + 1).slice(0, 3).map((e) => e.outerHTML.slice(0, 120))`))
			}
		}
	}
}

// The filter leaves what was asked for, says how much that is, and gives way to a link to what it hides.
func TestFilter(t *testing.T) {
	r := sample.NotConformant()
	ctx := opened(t, r)
	shown := func() []string {
		return asked[[]string](t, ctx, `Array.from(document.querySelectorAll("article.requirement")).filter((a) => a.offsetParent).map((a) => a.id)`)
	}
	choose := func(name, value string) {
		asked[chromedp.Void](t, ctx, fmt.Sprintf(`(() => { const f = document.getElementById("filter").elements.namedItem(%q); f.value = %q; f.dispatchEvent(new Event("input", {bubbles: true})) })()`, name, value))
	}
	reset := func() {
		asked[chromedp.Void](t, ctx, `new Promise((done) => { document.getElementById("filter").reset(); setTimeout(done, 50) })`)
	}
	if all := shown(); len(all) != len(r.Requirements) {
		t.Fatalf("%d of %d requirements are shown before anything was asked for", len(all), len(r.Requirements))
	}
	of := func(v verdict.Verdict) string {
		return r.Requirements[slices.IndexFunc(r.Requirements, func(result verdict.Result) bool { return result.Verdict == v })].ID
	}
	failed, passed := of(verdict.Fail), of(verdict.Pass)
	choose("verdict", "fail")
	if left := shown(); len(left) != r.Counts[verdict.Fail] {
		t.Errorf("of the verdict fail are %v", left)
	}
	if said := asked[string](t, ctx, `document.getElementById("filtered").textContent`); said != fmt.Sprintf("%d of %d requirements are shown", r.Counts[verdict.Fail], len(r.Requirements)) {
		t.Errorf("it says %q", said)
	}
	asked[chromedp.Void](t, ctx, fmt.Sprintf(`new Promise((done) => { location.hash = %q; setTimeout(done, 100) })`, passed))
	if all := shown(); len(all) != len(r.Requirements) {
		t.Errorf("a link to what is hidden leads nowhere: %v", all)
	}
	choose("words", failed)
	if left := shown(); len(left) == 0 || len(left) == len(r.Requirements) {
		t.Errorf("with %s in them are %v", failed, left)
	}
	choose("words", "there is no such word")
	if left := shown(); len(left) != 0 {
		t.Errorf("with no such word in them are %v", left)
	}
	reset()
	if all := shown(); len(all) != len(r.Requirements) {
		t.Errorf("when all is asked for again, %v are shown", all)
	}
}

// Whatever a target says, and in whatever field: the page runs no script of its, loads nothing from anywhere, and leads nowhere by a script.
func TestNothingOfATargetRunsOrLoads(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	called := make(chan struct{}, 1)
	go func() {
		for {
			connection, err := silent.Accept()
			if err != nil {
				return
			}
			_ = connection.Close()
			select {
			case called <- struct{}{}:
			default:
			}
		}
	}()
	evil := strings.ReplaceAll(`x"'></script></style></title></textarea></template></pre>--><img src={} onerror=globalThis.owned=1><script>globalThis.owned=1; fetch("{}")</script><svg onload=globalThis.owned=1>`+
		`<link rel=stylesheet href={}><style>@import url({});</style><iframe src={}></iframe><base href={}><object data={}></object><a ping={} href={}>x</a>`, "{}", "http://"+silent.Addr().String()+"/")
	for _, words := range []string{evil, "javascript:globalThis.owned=1", "http://" + silent.Addr().String() + "/x.png", "../../../etc/passwd"} {
		r := sample.NotConformant()
		sample.Everywhere(r, words)
		ctx := opened(t, r)
		for expression, want := range map[string]string{
			`for (const d of document.querySelectorAll("details")) d.open = true; for (const b of document.querySelectorAll("button")) b.click(); String(globalThis.owned)`:                                                       "undefined",
			`[...document.querySelectorAll("a[href]")].filter(a => !["https:", "http:", "file:"].includes(a.protocol)).map(a => a.href).join(" ")`:                                                                                "",
			`[...document.querySelectorAll("script[src], iframe, object, embed, base, link[rel=stylesheet], meta[http-equiv=refresh], form:not(#filter), svg[onload], [onerror]")].map(e => e.outerHTML.slice(0, 200)).join(" ")`: "",
			`performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:")).join(" ")`:                                                                                                             "",
			`new Promise(done => setTimeout(() => done(String(globalThis.owned)), 500))`:                                                                                                                                          "undefined",
		} {
			got, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, chromedp.EvalAwaitPromise))
			if err != nil || got != want {
				t.Errorf("%.30q: %.60s: %q (%v)", words, expression, got, err)
			}
		}
	}
	select {
	case <-called:
		t.Error("the page has called somebody")
	default:
	}
}
