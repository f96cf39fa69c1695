package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/requirement"
	"github.com/fapitest/fapitest/harness/target"
	"github.com/fapitest/fapitest/harness/verdict"
	"github.com/fapitest/fapitest/harness/wire"
)

// Stumble is a step of a client's proper flow that the target did not let pass, so that no experiment of that client could say anything.
type Stumble struct {
	Client    string
	Step      string
	Because   string // what the target answered, or what stood on its page
	Compare   string // what in the target file to compare with the registration, or with the pages
	Exchanges []*wire.Exchange
	// Misfit is the page that the consent script does not fit; nil: that was not the reason.
	Misfit *Misfit
	// Says replaces all of the above where the run ended before any client's flow.
	Says string
}

// Sentence says what happened and what to do about it.
func (s Stumble) Sentence() string {
	if s.Says != "" {
		return s.Says
	}
	return fmt.Sprintf("the %s of client %s, as it should be, was not accepted: %s. Compare %s", s.Step, s.Client, strings.TrimRight(s.Because, ".?"), s.Compare)
}

// Misfit is a page on which the consent script could not go on.
type Misfit struct {
	Tried        []string       // the selectors of the script that were looked for there
	Forms        []consent.Form // what the page has
	Accept, Deny *consent.Page  // entries that may fit it; nil: nothing on it looks like something to do
	Shown        wire.Page      // where it was kept
}

// misfit is that of the page at which a journey has ended; nil: that was not the reason.
func misfit(script consent.Script, outcome *flow.Outcome) *Misfit {
	trip := outcome.Trip
	if trip == nil || trip.Ending != consent.Stuck || !trip.Misfit || len(trip.Pages) == 0 {
		return nil
	}
	last := len(trip.Pages) - 1
	m := &Misfit{Forms: consent.ReadPage(trip.Pages[last].HTML)}
	for _, entry := range append(slices.Clone(script.Accept), script.Deny...) {
		if words := strings.TrimSpace(entry.When.Selector + " " + entry.When.URL); !slices.Contains(m.Tried, words) {
			m.Tried = append(m.Tried, words)
		}
	}
	var others [][]byte
	for _, page := range trip.Pages[:last] {
		others = append(others, page.HTML)
	}
	m.Accept, m.Deny = consent.Propose(trip.Pages[last].HTML, others...)
	if pages := outcome.Exchange.Pages; len(pages) > last {
		m.Shown = pages[last]
	}
	return m
}

// Trial is the result of one client's proper flow.
type Trial struct {
	Client  string
	User    string // where the test user stands in the target file; empty: no login was reached
	Steps   []Tried
	Stumble *Stumble // nil: nothing was refused that experiments build on

	lost     bool // the journey came to nothing because of what a page did
	timedOut bool // by using up its time

	mute *wire.Exchange // the one that nobody answered, or to which the answer was none; nil: there was none
}

// scrub takes out of what the target said whatever of it is secret: some repeat what they were sent.
func (t *Trial) scrub(redactor *wire.Redactor) {
	for i := range t.Steps {
		t.Steps[i].Because = redactor.Scrub(t.Steps[i].Because)
	}
	if t.Stumble == nil {
		return
	}
	t.Stumble.Because = redactor.Scrub(t.Stumble.Because)
	for _, exchange := range t.Stumble.Exchanges {
		exchange.Because = redactor.Scrub(exchange.Because)
	}
}

// Tried is one step of a trial, and what the target decided about it.
type Tried struct {
	Step     string
	Decision wire.Decision
	Because  string
}

// Good says whether the target accepted the step.
func (t Tried) Good() bool { return t.Decision == wire.Accepted }

// Preflight takes each client through one proper flow, before anything else is tried: push, login, code, token, the resource and, where
// refresh is offered, new tokens. What the target refuses there is more often a slip in the target file than a fault of the target, and a run that went on would try it hundreds of times, a wrong
// password among them. It ends at the first login that fails. What is no decision (busy, no answer) is left to the experiments.
// What it took is part of the run's account. The error says why a client could not be made.
func Preflight(ctx context.Context, options Options) (stumbles []Stumble, took Took, err error) {
	began, ledger := time.Now(), &wire.Ledger{}
	trials, err := Trials(wire.WithLedger(ctx, ledger), options)
	for _, trial := range trials {
		if trial.Stumble != nil {
			stumbles = append(stumbles, *trial.Stumble)
		}
	}
	return stumbles, Took{Began: began, Account: ledger.Account(), Lived: time.Since(began)}, err
}

// Took is what something took beside the experiments of a run.
type Took struct {
	Began   time.Time
	Account wire.Account
	Lived   time.Duration
}

// Then is what this and what came after it took.
func (t Took) Then(next Took) Took {
	return Took{Began: t.Began, Account: t.Account.Add(next.Account), Lived: t.Lived + next.Lived}
}

// Trials is Preflight with the result of each client, including steps on which the target made no decision.
func Trials(ctx context.Context, options Options) ([]Trial, error) {
	var err error
	if options.clients, err = options.Plan.clients(options.Target); err != nil {
		return nil, err
	}
	if options.Crowd == nil {
		options.Crowd = flow.NewCrowd(options.Target)
	}
	options.Shelf = nil // its tokens are not shared with experiments
	clients, err := players(options)
	if err != nil {
		return nil, err
	}
	var all []Trial
	var mute []*wire.Exchange
	for _, client := range clients {
		trial := tryOut(ctx, client)
		mute = inARow(mute, trial.mute)
		switch {
		case trial.Stumble != nil || trial.mute == nil:
		case trial.lost && (len(mute) == mostLost || trial.timedOut):
			trial.Stumble = &Stumble{Client: client.ID(), Exchanges: mute, Says: fmt.Sprintf("the %s came to nothing: %s. Nothing else could be tested: what do the target's pages do?", trial.mute.Step, strings.TrimRight(trial.mute.Because, "."))}
		case len(mute) == mostMute:
			trial.Stumble = &Stumble{Client: client.ID(), Exchanges: mute, Says: fmt.Sprintf("the %s got no answer that decides anything, %d times in a row, as client after client: %s. Nothing else could be tested: is the target well, and is this its endpoint?",
				trial.mute.Step, mostMute, strings.TrimRight(trial.mute.Because, "."))}
		}
		trial.scrub(options.Redactor)
		all = append(all, trial)
		if trial.Stumble != nil && trial.Stumble.Step == string(flow.StepAuthorize) {
			break // the password would be offered again
		}
		if len(mute) == mostMute || kept(trial.Stumble) {
			return all, nil // what comes after it would come to the same
		}
	}
	for _, more := range furtherUsers(options.Target, len(clients)) {
		trial := more(ctx, clients[0])
		trial.scrub(options.Redactor)
		all = append(all, trial)
		if trial.Stumble != nil {
			break
		}
	}
	return all, nil
}

// mostMute is how many clients may get no answer that is one at one step, one after the other, before no more are tried.
const mostMute = 3

// mostLost is the same for pages that make the browser's tab of no use. One on which the time for a whole journey runs out is tried once.
const mostLost = 2

// inARow adds a step that nobody answered to those before it: they count where they are the same step, one after the other.
func inARow(before []*wire.Exchange, one *wire.Exchange) []*wire.Exchange {
	if one == nil || len(before) > 0 && before[0].Step != one.Step {
		before = nil
	}
	if one == nil {
		return nil
	}
	return append(before, one)
}

// kept says whether the run ends because nothing may be sent to where the metadata say.
func kept(s *Stumble) bool { return s != nil && s.Says != "" }

// unheard is the exchange of a step to which nobody answered, or gave an answer that is none; nil where it is neither. Who is busy for a while is
// waited for, and without new tokens everything else can be tried.
func unheard(outcome *flow.Outcome, decision wire.Decision, because string) *wire.Exchange {
	exchange := outcome.Exchange
	silent := exchange.Unreached || exchange.Asked > 0
	if decision != wire.Undecided || exchange.Busy && exchange.Asked == 0 || outcome.Step == flow.StepRefresh && !silent {
		return nil
	}
	exchange.Role, exchange.Expected, exchange.Judged, exchange.Because = wire.RoleControl, wire.Accepted, wire.Undecided, because
	return exchange
}

// cameToNothing says whether a journey has come to nothing because of what a page did.
func cameToNothing(trip *consent.Trip) bool {
	return trip != nil && (trip.Ending == consent.TimedOut || trip.Spoilt)
}

// notSent is what there is to say of a step that was not taken, because nothing may be sent to where the metadata say; nil: it was taken.
func notSent(client *flow.Client, outcome *flow.Outcome, trace *wire.Trace) *Stumble {
	var unsent *wire.NotSent
	if !errors.As(outcome.Err, &unsent) || unsent.Mute {
		return nil
	}
	return &Stumble{Client: client.ID(), Exchanges: trace.Exchanges(), Says: fmt.Sprintf("the %s was %s", outcome.Step, unsent.Says)}
}

// furtherUsers are trials of the test users whose turn has not come when each client has gone through its flow: a password that is wrong is
// tried here, and not in every experiment. Whoever is there to say no says no, and allows nothing.
func furtherUsers(t *target.Target, gone int) []func(context.Context, *flow.Client) Trial {
	var trials []func(context.Context, *flow.Client) Trial
	for _, user := range t.Users() {
		switch {
		case user.Denies:
			trials = append(trials, tryToDecline)
		case gone > 0:
			gone--
		default:
			trials = append(trials, func(ctx context.Context, client *flow.Client) Trial { return tryOut(ctx, client) })
		}
	}
	return trials
}

// tryToDecline has a user say no. How that is answered is for the experiments; a page on which the user does not get on is a stumble.
func tryToDecline(ctx context.Context, client *flow.Client) Trial {
	trace := &wire.Trace{}
	ctx = wire.WithTrace(ctx, trace)
	outcome := client.Decline(ctx, client.Push(ctx))
	decision, because := decide(outcome)
	trial := Trial{Client: client.ID(), User: outcome.User}
	if outcome.Trip != nil && outcome.Trip.Ending == consent.Stuck {
		trial.Stumble = stumble(client, outcome, decision, because, trace)
	} else {
		decision = wire.Accepted
	}
	trial.Steps = []Tried{{string(outcome.Step) + ", the user says no", decision, because}}
	return trial
}

// decide is expect.Decide, and adds what the target itself says of a request that it did not accept: whoever sets up a target file has to read it.
func decide(outcome *flow.Outcome) (wire.Decision, string) {
	decision, because := expect.Decide(outcome)
	if decision == wire.Accepted {
		return decision, because
	}
	var words []string
	say := func(text string) {
		if text = excerpt(text); text != "" && !strings.Contains(because, text) {
			words = append(words, text)
		}
	}
	say(outcome.ErrorCode())
	say(outcome.Text("error_description"))
	if answer := outcome.Exchange.Answer; answer != nil && outcome.ErrorCode() == "" {
		for _, field := range answer.Header {
			if strings.EqualFold(field.Name, "WWW-Authenticate") {
				say(field.Value)
			}
		}
		if outcome.Text("error_description") == "" {
			say(answer.Body)
		}
	}
	if len(words) > 0 {
		because += fmt.Sprintf(" (it says: %s)", strings.Join(words, "; "))
	}
	return decision, because
}

// longestExcerpt is how many characters of what a target says are shown in a line.
const longestExcerpt = 200

// excerpt is the beginning of what a target says, in one line; of a page its text.
func excerpt(text string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		var b strings.Builder
		hidden := false
		for page := html.NewTokenizer(strings.NewReader(text)); page.Next() != html.ErrorToken; {
			switch token := page.Token(); token.Type {
			case html.StartTagToken, html.EndTagToken:
				if token.DataAtom == atom.Script || token.DataAtom == atom.Style {
					hidden = token.Type == html.StartTagToken
				}
				b.WriteByte(' ')
			case html.TextToken:
				if !hidden {
					b.WriteString(token.Data)
				}
			case html.ErrorToken, html.SelfClosingTagToken, html.CommentToken, html.DoctypeToken:
			}
		}
		text = b.String()
	}
	line := []rune(strings.Join(strings.Fields(wire.Printable(text)), " "))
	if len(line) > longestExcerpt {
		return string(line[:longestExcerpt]) + "…"
	}
	return string(line)
}

// stumble is what there is to say about a step that the target did not let pass.
func stumble(client *flow.Client, outcome *flow.Outcome, decision wire.Decision, because string, trace *wire.Trace) *Stumble {
	outcome.Exchange.Role, outcome.Exchange.Expected, outcome.Exchange.Judged, outcome.Exchange.Because = wire.RoleControl, wire.Accepted, decision, because
	return &Stumble{
		Client: client.ID(), Step: string(outcome.Step), Because: because, Compare: compare(client, outcome), Exchanges: trace.Exchanges(),
		Misfit: misfit(client.Target().Consent.Script, outcome),
	}
}

// tryOut takes one client through its flow.
func tryOut(ctx context.Context, client *flow.Client) Trial {
	trace := &wire.Trace{}
	ctx = wire.WithTrace(ctx, trace)
	trial := Trial{Client: client.ID()}
	var outcome, grant *flow.Outcome
	for _, step := range []func() *flow.Outcome{
		func() *flow.Outcome { return client.Push(ctx) },
		func() *flow.Outcome { return client.Authorize(ctx, outcome) },
		func() *flow.Outcome { return client.Exchange(ctx, outcome) },
	} {
		outcome = step()
		trial.User = cmp.Or(trial.User, outcome.User)
		decision, because := decide(outcome)
		if decision == wire.Accepted {
			if seconds, ok := outcome.ExpiresIn(); ok {
				because += fmt.Sprintf(", which lives %d seconds", seconds) // experiments wait for that
			}
			trial.Steps = append(trial.Steps, Tried{string(outcome.Step), decision, because})
			continue
		}
		trial.Steps = append(trial.Steps, Tried{string(outcome.Step), decision, because})
		trial.mute = unheard(outcome, decision, because)
		trial.lost, trial.timedOut = cameToNothing(outcome.Trip), outcome.Trip != nil && outcome.Trip.Ending == consent.TimedOut
		if trial.Stumble = notSent(client, outcome, trace); trial.Stumble != nil {
			return trial
		}
		// A TLS alert about a proper request is not a passing fault: the next request will meet it again.
		withheld := outcome.Trip != nil && outcome.Trip.Ending == consent.Withheld
		if withheld || decision == wire.Undecided && !flow.Alert(outcome.Err) || knownAnyway(ctx, client, outcome) {
			return trial
		}
		trial.Stumble = stumble(client, outcome, decision, because, trace)
		return trial
	}
	grant = outcome
	use := func(outcome *flow.Outcome) {
		decision, because := decide(outcome)
		trial.Steps = append(trial.Steps, Tried{string(outcome.Step), decision, because})
		if heard := unheard(outcome, decision, because); heard != nil && trial.mute == nil {
			trial.mute = heard
		}
		if trial.Stumble == nil && (decision == wire.Refused || flow.Alert(outcome.Err) || elsewhere(outcome)) {
			trial.Stumble = stumble(client, outcome, decision, because, trace)
		}
	}
	use(client.Call(ctx, grant))
	if client.Target().Offered("refresh_token") {
		if grant.RefreshToken() == "" {
			because := "the token response has no refresh_token, which offers claims: does scope ask for offline_access, where the bank wants that?"
			trial.Steps = append(trial.Steps, Tried{string(flow.StepRefresh), wire.Undecided, because})
			return trial
		}
		use(client.Refresh(ctx, grant))
	}
	return trial
}

// elsewhere says whether the resource is not where the target file has it, or is not asked for like that. No experiment decides anything by such an answer, and every one would get it.
func elsewhere(outcome *flow.Outcome) bool {
	return outcome.Step == flow.StepCall && slices.Contains([]int{http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed}, outcome.Status)
}

// knownAnyway says whether the target does know the client, and only wants another audience in its assertion: then it breaks a clause,
// and the experiments on that say so.
func knownAnyway(ctx context.Context, client *flow.Client, refused *flow.Outcome) bool {
	if client.Self().Auth != target.PrivateKeyJWT || refused.Step != flow.StepPush {
		return false
	}
	endpoint := client.Target().Metadata.Endpoint("token_endpoint", false)
	decision, _ := expect.Decide(client.Push(ctx, flow.With(flow.AssertionClaim("aud"), endpoint)))
	return decision == wire.Accepted
}

// compare says what of the target file most likely does not fit.
func compare(client *flow.Client, outcome *flow.Outcome) string {
	credential := "its key (jwks)"
	if client.Self().Auth != target.PrivateKeyJWT {
		credential = "its certificate (cert, key)"
	}
	switch {
	case outcome.ErrorCode() == "invalid_client" || outcome.ErrorCode() == "unauthorized_client" || outcome.Err != nil:
		words := fmt.Sprintf("the client's id, auth: %s and %s with its registration: is it registered with this one? And the clock of this machine", client.Self().Auth, credential)
		return clocks(client.Target().Metadata) + words
	case outcome.Step == flow.StepCall:
		words := "resource.url, resource.method, resource.scope and resource.headers in the target file with what the resource wants"
		if client.Target().Required(target.HTTPSignatures) {
			words += ", resource.signatures among it"
		}
		if outcome.NotAsked {
			words += ": the server there did not ask for the client's certificate, so is this the resource's host for mutual TLS?"
		}
		return words
	case outcome.Step == flow.StepRefresh:
		return "offers (refresh_token) and scope in the target file with the client's registration"
	case outcome.Step == flow.StepPush:
		return "redirects, scope and request in the target file with the client's registration; where the bank wants every request signed, or a DPoP proof " +
			"with it, the target file says requires: [jar] or [dpop_at_par]"
	case outcome.Trip != nil && outcome.Trip.Ending == consent.Stuck && outcome.Trip.Misfit:
		return "the consent script (consent.script in the target file) with that page"
	case outcome.Step == flow.StepAuthorize:
		return cmp.Or(outcome.User, "user") + " (name and password), scope and redirects in the target file, and the selectors of the consent script with that page"
	}
	return fmt.Sprintf("the client's binding: %s and %s with its registration", client.Self().Binding, credential)
}

// clocks says that the target's clock is too far from ours for anything signed to be accepted; empty: it is not, as far as its Date header shows.
func clocks(m *target.Metadata) string {
	if m == nil || m.Ahead == nil || !(wire.Skew{Ahead: *m.Ahead}).Absurd() {
		return ""
	}
	side := "behind"
	if *m.Ahead < 0 {
		side = "ahead of"
	}
	return fmt.Sprintf("the clock of this machine first: it is %s %s the server's (its Date header), and what is signed says this machine's time. Then ", m.Ahead.Abs().Round(time.Second), side)
}

// EndedEarly returns the report of a run that was over before its experiments: every one of them is Blocked, for the one reason that the
// stumbles give, but those that send nothing, where there are metadata to look at. The error says what is wrong with the options.
func EndedEarly(ctx context.Context, options Options, stumbles []Stumble) (*verdict.Report, error) {
	began := time.Now()
	options.Progress = nil
	g, err := gather(ctx, &options)
	if err != nil {
		return nil, err
	}
	g.stumbles = stumbles
	if m := options.Target.Metadata; m == nil || m.Values == nil {
		return g.report(began, 0, 0), nil
	}
	sentences, err := Sentences(options.Suites)
	if err != nil {
		return nil, err
	}
	options.Only = func(_, _, sentence string) bool {
		return slices.Contains(sentences[expect.LabelSendsNothing], sentence)
	}
	clients, err := players(options)
	if err != nil {
		return nil, err
	}
	runner := &runner{options: options, ledger: &wire.Ledger{}, chosen: g.chosen, ctx: ctx, queue: inProcess{queue: g.queue}}
	if err := runner.work(clients); err != nil {
		return nil, err
	}
	return g.report(began, 0, 0), nil
}

// stopped is what stands for the experiments of a requirement in a run that ended early. The evidence stands at the first one.
func (g *gathering) stopped(r *requirement.Requirement, specs []verdict.Spec) []verdict.Spec {
	if len(specs) > 0 || len(g.stumbles) == 0 || r.Listed || r.Attested || len(r.Follows) > 0 || g.nowhere(r) != "" {
		return nil
	}
	var sentences []string
	for _, stumble := range g.stumbles {
		sentences = append(sentences, stumble.Sentence())
	}
	message := g.options.Redactor.Scrub(wire.Printable(strings.Join(sentences, "; ")))
	spec := verdict.Spec{Sentence: "one proper flow of each client comes before its experiments", Verdict: verdict.Blocked, Message: message}
	if g.stumbles[0].Says != "" {
		spec.Sentence = "the run reaches its experiments"
	}
	if !g.shown {
		g.shown = true
		spec.Client = g.stumbles[0].Client
		for _, stumble := range g.stumbles {
			spec.Exchanges = append(spec.Exchanges, slices.Clone(stumble.Exchanges)...)
		}
	}
	return []verdict.Spec{spec}
}
