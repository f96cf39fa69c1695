package transport

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"

	. "github.com/fapitest/fapitest/harness/expect"
	"github.com/fapitest/fapitest/harness/flow"
	"github.com/fapitest/fapitest/harness/tlsprobe"
	"github.com/fapitest/fapitest/harness/wire"
)

// Look is how an experiment looks at one host. What it finds is judged when all hosts were looked at: what one of them breaks does not get lost because
// another did not answer.
type Look struct {
	Host
	ctx    SpecContext
	client *flow.Client

	broken, warned, noted, unknown, inapplicable []string

	claims   []claim
	refusals int
}

// claim is an exchange that is judged, and how. What was expected says nothing yet of an answer that is no decision.
type claim struct {
	exchange *wire.Exchange
	role     wire.Role
	expected wire.Decision
	seen     tlsprobe.Outcome
	because  string
}

// EachHost looks at every host, all of them side by side, and ends the spec by what was found.
func EachHost(ctx SpecContext, client *flow.Client, hosts []Host, look func(*Look)) {
	looks := make([]*Look, len(hosts))
	var all sync.WaitGroup
	for i, host := range hosts {
		looks[i] = &Look{Host: host, ctx: ctx, client: client}
		all.Go(func() {
			defer GinkgoRecover()
			// Who does not answer what today's clients offer is not kept waiting for with anything else.
			if !looks[i].Talks() {
				return
			}
			look(looks[i])
			looks[i].again()
		})
	}
	all.Wait()
	judge(looks)
}

func judge(looks []*Look) {
	var broken, unknown, inapplicable []string
	for _, look := range looks {
		said := func(texts []string) []string {
			var with []string
			for _, text := range texts {
				with = append(with, look.Address+" "+text)
			}
			return with
		}
		for _, text := range said(look.noted) {
			Note("%s", text)
		}
		for _, text := range said(look.warned) {
			Warn("%s", text)
		}
		broken, unknown = append(broken, said(look.broken)...), append(unknown, said(look.unknown)...)
		inapplicable = append(inapplicable, said(look.inapplicable)...)
	}
	undecided := slices.ContainsFunc(looks, func(look *Look) bool {
		return slices.ContainsFunc(look.claims, func(one claim) bool { return one.seen == tlsprobe.Unknown })
	})
	for _, look := range looks {
		for _, one := range look.claims {
			one.enter(len(broken) > 0, undecided)
		}
	}
	switch {
	case len(broken) > 0:
		Broken("%s", strings.Join(broken, "; "))
	case len(unknown) > 0:
		Unknown("%s", strings.Join(unknown, "; "))
	case len(looks) == 0:
		NotApplicable("the target has no such host")
	case len(inapplicable) == len(looks):
		NotApplicable("%s", strings.Join(inapplicable, "; "))
	}
}

// enter enters the judgement with the exchange. Beside something that is broken, what is not known has nothing to say; and where a host did not decide,
// what another one refused did not keep anything from being known.
func (c claim) enter(broken, undecided bool) {
	decisions := map[tlsprobe.Outcome]wire.Decision{tlsprobe.Accepted: wire.Accepted, tlsprobe.Refused: wire.Refused, tlsprobe.Unknown: wire.Undecided}
	decided := decisions[c.seen]
	refusedControl := c.role == wire.RoleControl && decided == wire.Refused
	if broken && (decided == wire.Undecided || refusedControl) || undecided && refusedControl {
		return
	}
	c.exchange.Role, c.exchange.Expected, c.exchange.Judged, c.exchange.Because = c.role, c.expected, decided, c.because
}

// Breaks says what the host breaks.
func (l *Look) Breaks(format string, args ...any) {
	l.broken = append(l.broken, wire.Printable(fmt.Sprintf(format, args...)))
}

// Warns says what is a warning at the host.
func (l *Look) Warns(format string, args ...any) {
	l.warned = append(l.warned, wire.Printable(fmt.Sprintf(format, args...)))
}

// Notes says what is worth knowing of the host.
func (l *Look) Notes(format string, args ...any) {
	l.noted = append(l.noted, wire.Printable(fmt.Sprintf(format, args...)))
}

// Leaves says why nothing is known of the host.
func (l *Look) Leaves(format string, args ...any) {
	l.unknown = append(l.unknown, wire.Printable(fmt.Sprintf(format, args...)))
}

// Spares says why the clause has nothing to do with the host.
func (l *Look) Spares(format string, args ...any) {
	l.inapplicable = append(l.inapplicable, wire.Printable(fmt.Sprintf(format, args...)))
}

// Ask makes an offer of which anything may come, and says so where nothing is known of it.
func (l *Look) Ask(offer tlsprobe.Offer) *flow.Handshake {
	h := l.client.Handshake(l.ctx, l.Address, offer)
	if h.Outcome == tlsprobe.Unknown {
		l.claims = append(l.claims, claim{h.Exchange, wire.RoleClaim, wire.Accepted, h.Outcome, h.Says})
		l.Leaves("does not decide on %s: %s", offer.Says, h.Says)
	}
	return h
}

// Refused makes an offer that has to be refused, and says whether it was accepted.
func (l *Look) Refused(offer tlsprobe.Offer) (h *flow.Handshake, accepted bool) {
	h = l.Ask(offer)
	l.refusals++
	if h.Outcome != tlsprobe.Unknown {
		l.claims = append(l.claims, claim{h.Exchange, wire.RoleClaim, wire.Refused, h.Outcome, h.Says})
	}
	return h, h.Outcome == tlsprobe.Accepted
}

// Taken makes an offer that has to be accepted, and says whether it was refused.
func (l *Look) Taken(offer tlsprobe.Offer) (h *flow.Handshake, refused bool) {
	h = l.Ask(offer)
	if h.Outcome != tlsprobe.Unknown {
		l.claims = append(l.claims, claim{h.Exchange, wire.RoleClaim, wire.Accepted, h.Outcome, h.Says})
	}
	return h, h.Outcome == tlsprobe.Refused
}

// Odd marks an answer as the one that breaks the clause, where it was right to accept the offer, and wrong how.
func (l *Look) Odd(h *flow.Handshake) {
	l.claims = append(l.claims, claim{h.Exchange, wire.RoleClaim, wire.Refused, tlsprobe.Accepted, h.Says})
}

// Proper is the control: what today's clients offer is accepted. It says whether that is so: else nothing follows from what the host refuses, or lacks.
func (l *Look) Proper() bool {
	return l.control(l.client.Handshake(l.ctx, l.Address, tlsprobe.Modern(l.Name)))
}

// Control is Proper for what must not be accepted: that would be wrong whatever else the host refuses, and is looked for in any case.
func (l *Look) Control() { l.Proper() }

// Talks says whether the host answers to what today's clients offer, this way or that.
func (l *Look) Talks() bool {
	h := l.client.Handshake(l.ctx, l.Address, tlsprobe.Modern(l.Name))
	if h.Outcome == tlsprobe.Unknown {
		l.control(h)
	}
	return h.Outcome != tlsprobe.Unknown
}

func (l *Look) control(h *flow.Handshake) bool {
	l.claims = append(l.claims, claim{h.Exchange, wire.RoleControl, wire.Accepted, h.Outcome, h.Says})
	if h.Outcome != tlsprobe.Accepted {
		l.Leaves("does not take what today's clients offer, so nothing can be said of it: %s", h.Says)
	}
	return h.Outcome == tlsprobe.Accepted
}

// again ends a list of refusals with what has to be accepted: a host that lets nobody in after some odd offers has shown nothing by refusing them.
func (l *Look) again() {
	if l.refusals == 0 || len(l.broken) > 0 || len(l.unknown) > 0 {
		return
	}
	offer := tlsprobe.Modern(l.Name)
	offer.Says += ", once more"
	l.control(l.client.HandshakeAgain(l.ctx, l.Address, offer))
}

// TLS12 is what the host answers to TLS 1.2 alone, with whatever suites it may have; nil where it does not speak that, or nothing is known.
func (l *Look) TLS12() *flow.Handshake {
	h := l.Ask(tlsprobe.Alone(l.Name, tlsprobe.TLS12))
	switch h.Outcome {
	case tlsprobe.Accepted:
		return h
	case tlsprobe.Refused:
		if l.Proper() {
			l.Spares("does not speak TLS 1.2")
		}
	case tlsprobe.Unknown:
	}
	return nil
}

// family is a kind of suites that nobody has to have.
type family struct {
	says string
	is   func(tlsprobe.Suite) bool
}

// families are parts of all suites that BCP 195 does not recommend: each suite is in the first one that it fits.
var families = []family{
	{"suites without encryption", tlsprobe.Suite.NoEncryption},
	{"suites without authentication", tlsprobe.Suite.Anonymous},
	{"suites with keys below 112 bits", tlsprobe.Suite.Below112},
	{"suites with RC4", tlsprobe.Suite.RC4},
	{"suites with triple DES", tlsprobe.Suite.Below128},
	{"suites with static RSA", tlsprobe.Suite.StaticRSA},
	{"suites with static Diffie-Hellman", tlsprobe.Suite.StaticDH},
	{"suites with ephemeral exchange in a finite field", tlsprobe.Suite.FiniteField},
	{"suites with CBC", tlsprobe.Suite.CBC},
	{"other suites that are not recommended", func(s tlsprobe.Suite) bool { return !s.Recommended() }},
}

// kindOf is the family of a suite.
func kindOf(s tlsprobe.Suite) int {
	return slices.IndexFunc(families, func(f family) bool { return f.is(s) })
}

// mostSuites is how many are offered together, and also how many of a family are found one after another.
const mostSuites = 50

// Unwanted are all suites of TLS 1.2 that the host takes and BCP 195 does not recommend: each family is offered alone, and again without what was taken.
func (l *Look) Unwanted() (taken []*flow.Handshake) {
	for kind, f := range families {
		offered := tlsprobe.Suites(func(s tlsprobe.Suite) bool { return kindOf(s) == kind })
		part := 0
		for chunk := range slices.Chunk(offered, mostSuites) {
			part++
			says := "TLS 1.2 with " + f.says
			if len(offered) > mostSuites {
				says += fmt.Sprintf(", part %d", part)
			}
			taken = append(taken, l.oneByOne(says, slices.Clone(chunk))...)
			if len(l.unknown) > 0 {
				return taken // who drops odd offers drops the others as well, and each is waited for
			}
		}
	}
	l.refusals++ // whatever a spec expects of them, most are refused
	return append(taken, l.unwantedOf(taken)...)
}

// unwantedOf are those of Unwanted that the host takes from older clients alone, beside what it takes from all of them.
func (l *Look) unwantedOf(known []*flow.Handshake) (taken []*flow.Handshake) {
	for _, older := range older {
		left := tlsprobe.Suites(func(s tlsprobe.Suite) bool {
			return kindOf(s) >= 0 && !slices.ContainsFunc(known, func(h *flow.Handshake) bool { return h.Suite == s.ID })
		})
		part := 0
		for chunk := range slices.Chunk(left, mostSuites) {
			part++
			suites, words := slices.Clone(chunk), fmt.Sprintf("TLS 1.2 with suites that are not recommended%s, part %d", older.says, part)
			for len(suites) > 0 {
				offer := tlsprobe.With(l.Name, words, suites)
				h := l.Older(older, offer)
				if h == nil {
					break
				}
				taken, known = append(taken, h), append(known, h)
				suites = slices.DeleteFunc(suites, func(id uint16) bool { return id == h.Suite })
				words = fmt.Sprintf("%s, without %s", words, tlsprobe.SuiteOf(h.Suite).Name)
			}
		}
	}
	return taken
}

// Lack is what an older client does not say in TLS.
type Lack struct {
	says string
	edit func(*tlsprobe.Offer)
}

// older are the ways in which clients are older than today's: a host may have other rules for those.
var older = []Lack{
	{", without ALPN", func(o *tlsprobe.Offer) { o.Protocols = nil }},
	{", without a server name", func(o *tlsprobe.Offer) { o.ServerName = "" }},
	{", with neither ALPN nor a server name", func(o *tlsprobe.Offer) { o.Protocols, o.ServerName = nil, "" }},
	{", without supported_groups", func(o *tlsprobe.Offer) { o.Groups = nil }},
}

// OldVersions are the offers of a version by which older clients come, and what the host agrees to where it must not.
func (l *Look) OldVersions(version uint16) (taken []*flow.Handshake) {
	if version <= tlsprobe.SSL3 {
		return nil // nobody says any of it in these
	}
	for _, lack := range older {
		if h := l.Older(lack, tlsprobe.Alone(l.Name, version)); h != nil {
			taken = append(taken, h)
		}
	}
	return taken
}

// Older makes an offer as an older client does. It is nil where the host, as far as it shows, does not agree to it: who asks for no name may be answered by
// somebody else behind the same address, and whoever leaves such clients without an answer has not agreed to anything.
func (l *Look) Older(lack Lack, offer tlsprobe.Offer) *flow.Handshake {
	if l.Literal() {
		offer.ServerName = "" // as it is in every offer
	}
	if lack.edit != nil {
		before := offer.Words()
		if lack.edit(&offer); offer.Words() == before {
			return nil // that version has nothing of the kind
		}
	}
	offer.Says += lack.says
	h := l.client.Handshake(l.ctx, l.Address, offer)
	l.refusals++
	if h.Outcome != tlsprobe.Accepted {
		return nil
	}
	if offer.ServerName == "" && !l.Literal() {
		if leaf := leafOf(h.Certificates); leaf == nil || leaf.VerifyHostname(l.Name) != nil {
			l.Notes("agrees to %s where no server is named (%s), and does not show that it is this host", h.Says, offer.Says)
			return nil
		}
	}
	return h
}

// leafOf is the first of the certificates that were shown; nil where it can't be read.
func leafOf(shown [][]byte) *x509.Certificate {
	if len(shown) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(shown[0])
	if err != nil {
		return nil
	}
	return leaf
}

func (l *Look) oneByOne(says string, suites []uint16) (taken []*flow.Handshake) {
	words := says
	for len(suites) > 0 {
		h := l.Ask(tlsprobe.With(l.Name, words, suites))
		if h.Outcome != tlsprobe.Accepted {
			return taken
		}
		taken = append(taken, h)
		suites = slices.DeleteFunc(suites, func(id uint16) bool { return id == h.Suite })
		words = fmt.Sprintf("%s, without %d that are taken, %s the last", says, len(taken), tlsprobe.SuiteOf(h.Suite).Name)
	}
	return taken
}

// NoneOf wants the host to take none of the suites of which something is true.
func (l *Look) NoneOf(is func(tlsprobe.Suite) bool, why string) {
	l.Control()
	if l.TLS12() == nil {
		return
	}
	for _, h := range l.Unwanted() {
		if suite := tlsprobe.SuiteOf(h.Suite); is(suite) {
			l.Odd(h)
			l.Breaks("takes %s: %s", suite.Name, why)
		}
	}
}
