package target

import (
	"fmt"

	"go.yaml.in/yaml/v4"

	"github.com/fapitest/fapitest/harness/wire"
)

// user reads the test user.
func (l *loader) user(node *yaml.Node) {
	u := &l.target.User
	u.Key = "user"
	l.members(node, "user.", func(key string, value *yaml.Node) {
		if key == "name" {
			u.Name = l.text("user.name", value)
		} else {
			u.Password = wire.NewSecret(l.text("user.password", value))
		}
	})
}

// users reads the test users beside the first.
func (l *loader) users(node *yaml.Node) {
	if node.Kind != yaml.SequenceNode {
		l.fail(node, "users: expected a list of users, each with name and password")
		return
	}
	for i, item := range node.Content {
		where := fmt.Sprintf("users[%d]", i)
		user := User{Key: where}
		l.members(item, where+".", func(key string, value *yaml.Node) {
			switch text := l.text(where+"."+key, value); key {
			case "name":
				user.Name = text
			case "password":
				user.Password = wire.NewSecret(text)
			case "for":
				if user.Denies = text == "deny"; !user.Denies {
					l.fail(value, "%s.for: %q: write deny, or leave it out", where, text)
				}
			}
		})
		if user.Name == "" {
			l.fail(item, "%s: name is missing", where)
		}
		l.target.More = append(l.target.More, user)
	}
	l.usersAt = node
}

// checkUsers makes the first of users the test user where there is no other.
func (l *loader) checkUsers() {
	t := l.target
	if t.User.Name == "" && len(t.More) > 0 {
		if t.More[0].Denies {
			l.fail(l.usersAt, "users[0]: says no: the first user, or user beside users, has to say yes")
			return
		}
		t.User, t.More = t.More[0], t.More[1:]
	}
	names := map[string]bool{}
	for _, user := range t.Users() {
		if names[user.Name] {
			l.fail(nodeOr(l.usersAt, &yaml.Node{}), "users: %s stands twice", user.Name)
			return
		}
		names[user.Name] = true
	}
}
