package consent

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestAFormIsSentAsABrowserSendsIt(t *testing.T) {
	const page = `<form id="f">
		<input type="checkbox" name="bare" checked><input type="checkbox" name="off">
		<select name="one"><option>By  text</option><option value="v">other</option></select>
		<select name="many" multiple><option selected>a</option><option selected value="">b</option><option>c</option></select>
		<select name="none" multiple><option>a</option></select>
		<fieldset disabled><legend><input name="legend" value="1"></legend><legend><input name="second" value="1"></legend><input name="within" value="1"></fieldset>
		<input form="other" name="foreign" value="1">
		<button name="b" value="ok">OK</button>
	</form><input form="f" name="outside" value="1"><form id="other"></form>`
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{root: root, filled: map[*html.Node]string{}}
	got := d.values(find(root, "#f"), find(root, "button")).Encode()
	if want := "b=ok&bare=on&legend=1&many=a&many=&one=By+text&outside=1"; got != want {
		t.Errorf("sent %s\nwant %s", got, want)
	}
}
