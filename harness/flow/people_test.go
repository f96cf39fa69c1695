package flow

import (
	"context"
	"slices"
	"testing"

	"github.com/fapitest/fapitest/harness/consent"
	"github.com/fapitest/fapitest/harness/target"
)

func lend(t *testing.T, people People, choice consent.Choice) Loan {
	t.Helper()
	loan, err := people.Lend(t.Context(), choice)
	if err != nil {
		t.Fatal(err)
	}
	return loan
}

// waits says whether nobody may go now.
func waits(people People, choice consent.Choice) bool {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := people.Lend(ctx, choice)
	return err != nil
}

// Journeys of one user go on side by side until one of them may have been ended by another.
func TestAUserWhoMayHaveOneSessionMakesOneJourneyAfterAnother(t *testing.T) {
	crowd := NewCrowd(&target.Target{User: target.User{Name: "alice"}})
	people := crowd.For(1)
	alone := lend(t, people, consent.Accept)
	if people.Back(alone, Came{Logins: 1, Acted: true}) {
		t.Error("nobody else was there to end the journey")
	}
	first, second := lend(t, people, consent.Accept), lend(t, crowd.For(2), consent.Deny)
	if people.Back(first, Came{Logins: 1, Acted: true, Led: true}) {
		t.Error("it led to where it was to lead")
	}
	third := lend(t, people, consent.Accept)
	if people.Back(third, Came{}) {
		t.Error("nothing had been done on a page: there was nothing to end")
	}
	if !people.Back(second, Came{Logins: 1, Acted: true}) {
		t.Error("another journey of the same user went on meanwhile")
	}
	fourth := lend(t, people, consent.Accept)
	if !waits(people, consent.Accept) || len(crowd.Notes()) != 1 {
		t.Error("a second journey of one user")
	}
	done := make(chan error)
	go func() {
		_, err := people.Lend(context.Background(), consent.Accept)
		done <- err
	}()
	crowd.Forget(1) // a worker that is lost keeps nobody away
	if err := <-done; err != nil || people.Back(fourth, Came{}) {
		t.Error(err)
	}
}

// Where there are several, everybody has a user alone as long as there are enough; who says no says nothing else.
func TestUsersAreChosen(t *testing.T) {
	crowd := NewCrowd(&target.Target{User: target.User{Name: "alice"}, More: []target.User{{Name: "bob"}, {Name: "carol", Denies: true}}})
	people := crowd.For(1)
	var users []int
	for range 4 {
		users = append(users, lend(t, people, consent.Accept).User)
	}
	if !slices.Equal(users[:2], []int{0, 1}) {
		t.Errorf("everybody's turn comes: %v", users)
	}
	slices.Sort(users)
	if denying := lend(t, people, consent.Deny); denying.User != 2 || !slices.Equal(users, []int{0, 0, 1, 1}) {
		t.Errorf("%v, %d", users, denying.User)
	}
}

// No more logins than the target file allows, however many journeys go on at once.
func TestLoginsAreBounded(t *testing.T) {
	crowd := NewCrowd(&target.Target{User: target.User{Name: "alice"}, MaxLogins: 3})
	people := crowd.For(1)
	first, second := lend(t, people, consent.Accept), lend(t, people, consent.Accept)
	if first.Logins != 2 || second.Logins != 1 || !waits(people, consent.Accept) {
		t.Errorf("%+v, %+v", first, second)
	}
	people.Back(first, Came{Logins: 1, Led: true})
	third := lend(t, people, consent.Accept)
	if third.Logins != 1 {
		t.Errorf("%+v", third)
	}
	people.Back(second, Came{Logins: 1, Led: true})
	people.Back(third, Came{Logins: 1, Led: true})
	if fourth := lend(t, people, consent.Accept); fourth.Withheld != "max_logins (3) is reached, and so no more logins are made" {
		t.Errorf("%+v", fourth)
	}
	if notes := crowd.Notes(); len(notes) != 1 {
		t.Error(notes)
	}
}
