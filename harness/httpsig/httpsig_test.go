package httpsig_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/fapitest/fapitest/harness/httpsig"
	"github.com/fapitest/fapitest/harness/jose"
)

// The messages of RFC 9421 appendix B.2.
func request() httpsig.Message {
	return httpsig.Message{Method: "POST", TargetURI: "https://example.com/foo?param=Value&Pet=dog", Header: http.Header{
		"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"},
		"Content-Digest": {"sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"},
	}}
}

const requestBody = `{"hello": "world"}`

func answer() httpsig.Message {
	asked := request()
	return httpsig.Message{Status: 200, Request: &asked, Header: http.Header{
		"Date": {"Tue, 20 Apr 2021 02:07:56 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"23"},
		"Content-Digest": {"sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:"},
	}}
}

func read(t *testing.T, message *httpsig.Message, input, signature string) httpsig.Signature {
	t.Helper()
	message.Header.Set(httpsig.InputField, input)
	message.Header.Set(httpsig.SignatureField, signature)
	signatures, alone, err := httpsig.Read(message.Header)
	if err != nil || len(signatures) != 1 || len(alone) > 0 {
		t.Fatalf("%d signatures, %q alone, %v", len(signatures), alone, err)
	}
	return signatures[0]
}

// Appendix B.2.6: Ed25519 makes the same signature each time.
func TestSignatureByEd25519(t *testing.T) {
	const written = `sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`
	message := request()
	signature := read(t, &message, written, `sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:`)
	base, err := message.Base(signature.Input)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`"date": Tue, 20 Apr 2021 02:07:55 GMT`, `"@method": POST`, `"@path": /foo`, `"@authority": example.com`, `"content-type": application/json`, `"content-length": 18`,
		`"@signature-params": ` + strings.TrimPrefix(written, "sig-b26="),
	}, "\n")
	if base != want {
		t.Errorf("the base is\n%s", base)
	}
	keys, err := jose.ParseKeys([]byte(`{"kty":"OKP","crv":"Ed25519","kid":"test-key-ed25519","d":"n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}`))
	if err != nil {
		t.Fatal(err)
	}
	if made, err := keys[0].SignBytes(jose.Ed25519, []byte(base)); err != nil || string(made) != string(signature.Bytes) {
		t.Errorf("another signature was made: %s, %v", httpsig.Bytes(made), err)
	}
	if !jose.VerifiesBytes(keys[0].Public(), jose.Ed25519, []byte(base), signature.Bytes) || jose.VerifiesBytes(keys[0].Public(), jose.Ed25519, []byte(base+"x"), signature.Bytes) {
		t.Error("the signature does not verify, or anything does")
	}
}

// Appendix B.2.4: a signature of an answer, on P-256.
func TestSignatureOfAnAnswer(t *testing.T) {
	message := answer()
	signature := read(t, &message, `sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"`,
		`sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:`)
	base, err := message.Base(signature.Input)
	if err != nil {
		t.Fatal(err)
	}
	key := map[string]any{"kty": "EC", "crv": "P-256", "x": "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA", "y": "Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0"}
	if !jose.VerifiesBytes(key, jose.ECDSAP256SHA256, []byte(base), signature.Bytes) {
		t.Errorf("it does not verify over\n%s", base)
	}
	if signature.Parameter("created") != int64(1618884473) || signature.Text("keyid") != "test-key-ecc-p256" || signature.Text("created") != "" || signature.Parameter("tag") != nil {
		t.Errorf("the parameters are %v", signature.Parameters)
	}
}

// Section 2.4: what an answer's signature covers of the request.
func TestRequestInAnAnswer(t *testing.T) {
	message := answer()
	message.Request.Header.Set(httpsig.InputField, `sig1=("@method");created=1`)
	message.Request.Header.Set(httpsig.SignatureField, `sig1=:AAEC:, other=:AQ==:`)
	input := httpsig.Input{Label: "sig", Components: []httpsig.Component{
		httpsig.Covered("@status"), httpsig.Covering("@method", ""), httpsig.Covering("@target-uri", ""), httpsig.Covering("signature", "sig1"), httpsig.Covering("signature-input", "sig1"),
		httpsig.Covering("content-digest", ""),
	}, Parameters: []httpsig.Parameter{{Name: "created", Value: 7}, {Name: "tag", Value: "fapi-2-response"}}}
	base, err := message.Base(input)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`"@status": 200`, `"@method";req: POST`, `"@target-uri";req: https://example.com/foo?param=Value&Pet=dog`, `"signature";req;key="sig1": :AAEC:`,
		`"signature-input";req;key="sig1": ("@method");created=1`, `"content-digest";req: ` + request().Header.Get("Content-Digest"),
		`"@signature-params": ("@status" "@method";req "@target-uri";req "signature";req;key="sig1" "signature-input";req;key="sig1" "content-digest";req);created=7;tag="fapi-2-response"`,
	}, "\n")
	if base != want {
		t.Errorf("the base is\n%s", base)
	}
	for what, good := range map[string]bool{
		"status": input.Covers("@status", false), "method": input.Covers("@method", true) && !input.Covers("@method", false),
		"member": input.CoversMember("signature", "sig1", true) && !input.CoversMember("signature", "other", true) && !input.Covers("signature", true),
		"digest": input.Covers("content-digest", true) && input.CoversMember("content-digest", "sha-512", true),
	} {
		if !good {
			t.Errorf("what is covered is read wrong: %s", what)
		}
	}
}

// Section 2.5: what has no base.
func TestNoBase(t *testing.T) {
	covering := func(names ...string) httpsig.Input {
		input := httpsig.Input{Label: "sig"}
		for _, name := range names {
			input.Components = append(input.Components, httpsig.Covered(name))
		}
		return input
	}
	for _, input := range []httpsig.Input{
		covering("@method", "@method"), covering("@nonsense"), covering("@status"), covering("Date"),
		{Components: []httpsig.Component{httpsig.Covering("@method", "")}},
	} {
		if base, err := request().Base(input); err == nil {
			t.Errorf("%s has a base:\n%s", input, base)
		}
	}
	_, err := request().Base(covering("x-not-there"))
	var missing *httpsig.MissingError
	if !errors.As(err, &missing) {
		t.Errorf("a field that is not there: %v", err)
	}
	if loose := request().LooseBase(covering("@method", "@method", "x-not-there")); !strings.HasPrefix(loose, "\"@method\": POST\n\"@method\": POST\n\"x-not-there\": \n") {
		t.Errorf("the loose base is\n%s", loose)
	}
	if base, err := request().BaseWith(covering("@method"), map[string]string{`"@method"`: "GET"}); err != nil || !strings.HasPrefix(base, `"@method": GET`) {
		t.Errorf("%s, %v", base, err)
	}
}

func TestUnreadable(t *testing.T) {
	for _, header := range []http.Header{
		{"Signature-Input": {`sig=("@method"`}, "Signature": {"sig=:AA==:"}},
		{"Signature-Input": {`sig="@method"`}, "Signature": {"sig=:AA==:"}},
		{"Signature-Input": {`sig=(@method)`}, "Signature": {"sig=:AA==:"}},
		{"Signature-Input": {`sig=("@method")`}, "Signature": {"sig=AA"}},
	} {
		if signatures, _, err := httpsig.Read(header); err == nil {
			t.Errorf("%v is read as %v", header, signatures)
		}
	}
	signatures, alone, err := httpsig.Read(http.Header{"Signature-Input": {`one=("@method")`, `two=("@path")`}, "Signature": {"two=:AA==:, three=:AA==:"}})
	if err != nil || len(signatures) != 2 || signatures[0].Bytes != nil || signatures[1].Bytes == nil || len(alone) != 1 || alone[0] != "three" {
		t.Errorf("%v, %q, %v", signatures, alone, err)
	}
}

// RFC 9530 appendix B, and the message above.
func TestDigests(t *testing.T) {
	if got := httpsig.Digest(httpsig.SHA512, []byte(requestBody)); got != request().Header.Get("Content-Digest") {
		t.Errorf("sha-512 is %s", got)
	}
	if got, want := httpsig.Digest(httpsig.SHA256, []byte(`{"hello": "world"}`)), "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"; got != want {
		t.Errorf("sha-256 is %s", got)
	}
	header := http.Header{"Content-Digest": {httpsig.Digest(httpsig.SHA256, []byte("other")), httpsig.Digest(httpsig.MD5, []byte(requestBody)) + ", crc32c=:AA==:"}}
	digests, err := httpsig.ReadDigests(header, []byte(requestBody))
	if written, _ := json.Marshal(digests); err != nil || string(written) != `{"Fitting":["md5"],"Wrong":["sha-256"],"Unknown":["crc32c"]}` || digests.Secure() {
		t.Errorf("%s, %v", written, err)
	}
	if digests, err := httpsig.ReadDigests(request().Header, []byte(requestBody)); err != nil || !digests.Secure() {
		t.Errorf("%v, %v", digests, err)
	}
}
