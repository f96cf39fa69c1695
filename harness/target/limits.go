package target

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// longestPropagation bounds propagation: what takes longer is a fault of the server.
const longestPropagation = 5 * time.Minute

// propagation reads how long a revocation takes to reach the resource server.
func (l *loader) propagation(node *yaml.Node) {
	text := l.text("propagation", node)
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longestPropagation {
		l.fail(node, "propagation: %q is not a valid duration: write one such as 5s, up to %s", text, longestPropagation)
	}
	l.target.Propagation = d
}

// maxLogins reads how many logins a run may make.
func (l *loader) maxLogins(node *yaml.Node) {
	text := l.text("max_logins", node)
	if number, err := strconv.Atoi(text); err == nil && number > 0 {
		l.target.MaxLogins = number
	} else {
		l.fail(node, "max_logins: %q is not a valid number of logins: write 1 or more, or leave it out", text)
	}
}

// What waits.answer may be.
const (
	shortestAnswerLimit = time.Second
	longestAnswerLimit  = 2 * time.Minute
)

// hosts reads the hosts for which the target file vouches.
func (l *loader) hosts(node *yaml.Node) {
	l.target.Hosts = l.list("hosts", node)
	for _, host := range l.target.Hosts {
		parsed, err := url.Parse("https://" + host)
		if err != nil || parsed.Host != host || parsed.Hostname() == "" || strings.ContainsAny(host, "*@ ") {
			l.fail(node, "hosts: %q is not a valid host: write host or host:port, such as mtls.bank.example", host)
		}
	}
}

// waits reads how long an experiment may wait.
func (l *loader) waits(node *yaml.Node) {
	l.members(node, "waits.", func(key string, value *yaml.Node) {
		if key == "answer" {
			answer, err := time.ParseDuration(l.text("waits.answer", value))
			if err != nil || answer < shortestAnswerLimit || answer > longestAnswerLimit {
				l.fail(value, "waits.answer: %q is not a valid duration: write one such as 30s, from %s to %s", value.Value, shortestAnswerLimit, longestAnswerLimit)
			}
			l.target.Waits.Answer = answer
			return
		}
		longest, err := time.ParseDuration(l.text("waits.longest", value))
		if err != nil || longest < 0 {
			l.fail(value, "waits.longest: %q is not a valid duration: write 70s or 5m", value.Value)
		}
		l.target.Waits.Longest = longest
	})
}
