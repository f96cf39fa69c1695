package tlsprobe_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fapitest/fapitest/harness/tlsprobe"
)

// keys makes a key and a certificate with openssl, and returns the paths of both.
func keys(t *testing.T, kind ...string) (key, certificate string) {
	t.Helper()
	key, certificate = filepath.Join(t.TempDir(), "key.pem"), filepath.Join(t.TempDir(), "certificate.pem")
	arguments := append([]string{"req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate}, kind...)
	if said, err := exec.Command("openssl", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v\n%s", err, said)
	}
	return key, certificate
}

// freePort is one on which nobody listens.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// serve starts a program, and waits until somebody listens on the port. It skips where the program is not installed.
func serve(t *testing.T, port int, program string, arguments ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: make peers", program)
	}
	command := exec.Command(program, arguments...)
	// Debian has them leave out what is old, which is the point here.
	command.Env = append(os.Environ(), "OPENSSL_CONF=/dev/null", "GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null", "GNUTLS_FORCE_FIPS_MODE=0")
	held, err := command.StdinPipe() // a server that reads its end of input stops
	if err != nil {
		t.Fatal(err)
	}
	errors, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(errors); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
		}
	}()
	t.Cleanup(func() {
		_ = held.Close()
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	address := "127.0.0.1:" + strconv.Itoa(port)
	for range 100 {
		if connection, err := net.Dial("tcp", address); err == nil {
			_ = connection.Close()
			return address
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not listen: %s", program, said.String())
	return ""
}

func ask(t *testing.T, address string, offer tlsprobe.Offer) tlsprobe.Observation {
	t.Helper()
	observed := tlsprobe.Ask(context.Background(), address, offer)
	t.Logf("%-40s %s: %s", offer.Says, observed.Outcome, observed.Says)
	return observed
}

var versions = []uint16{tlsprobe.TLS10, tlsprobe.TLS11, tlsprobe.TLS12, tlsprobe.TLS13}

// What OpenSSL is told to speak is what it is seen to speak, version by version.
func TestVersionsOfOpenSSL(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	for i, option := range []string{"-tls1", "-tls1_1", "-tls1_2", "-tls1_3"} {
		t.Run(option, func(t *testing.T) {
			port := freePort(t)
			address := serve(t, port, "openssl", "s_server", "-accept", strconv.Itoa(port), "-key", key, "-cert", certificate, option, "-cipher", "ALL:@SECLEVEL=0", "-quiet", "-www")
			for j, version := range versions {
				observed := ask(t, address, tlsprobe.Alone("localhost", version))
				want := tlsprobe.Refused
				if i == j {
					want = tlsprobe.Accepted
				}
				if observed.Outcome != want || want == tlsprobe.Accepted && observed.Version != version {
					t.Errorf("%s at a server with %s: %+v", tlsprobe.VersionName(version), option, observed)
				}
			}
			for _, version := range []uint16{tlsprobe.SSL2, tlsprobe.SSL3} {
				if observed := ask(t, address, tlsprobe.Alone("localhost", version)); observed.Outcome != tlsprobe.Refused {
					t.Errorf("%s: %+v", tlsprobe.VersionName(version), observed)
				}
			}
		})
	}
}

// A suite that OpenSSL is told to have is found, and no other.
func TestSuitesOfOpenSSL(t *testing.T) {
	rsaKey, rsaCertificate := keys(t, "-newkey", "rsa:2048")
	ecKey, ecCertificate := keys(t, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
	for _, c := range []struct {
		cipher, name string
	}{
		{"NULL-SHA256", "TLS_RSA_WITH_NULL_SHA256"}, {"AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"}, {"AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384"},
		{"ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"}, {"ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{"ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}, {"DHE-RSA-AES128-SHA256", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
		{"DHE-RSA-AES256-GCM-SHA384", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"}, {"ADH-AES128-SHA", "TLS_DH_anon_WITH_AES_128_CBC_SHA"},
		{"AECDH-NULL-SHA", "TLS_ECDH_anon_WITH_NULL_SHA"}, {"CAMELLIA128-SHA", "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"}, {"ECDHE-RSA-NULL-SHA", "TLS_ECDHE_RSA_WITH_NULL_SHA"},
		{"ECDHE-ECDSA-AES256-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
	} {
		t.Run(c.cipher, func(t *testing.T) {
			port := freePort(t)
			arguments := []string{"s_server", "-accept", strconv.Itoa(port), "-key", rsaKey, "-cert", rsaCertificate, "-tls1_2", "-cipher", c.cipher + ":@SECLEVEL=0", "-quiet", "-www", "-dhparam", dhParameters(t)}
			if strings.Contains(c.cipher, "ECDSA") {
				arguments[4], arguments[6] = ecKey, ecCertificate
			}
			address := serve(t, port, "openssl", arguments...)
			for i := 0; i < 400; i += 50 {
				all := tlsprobe.Suites(func(tlsprobe.Suite) bool { return true })
				if i >= len(all) {
					break
				}
				offered := all[i:min(i+50, len(all))]
				observed := ask(t, address, tlsprobe.With("localhost", fmt.Sprint("suites from ", i), offered))
				here := slices.ContainsFunc(offered, func(id uint16) bool { return tlsprobe.SuiteOf(id).Name == c.name })
				switch {
				case here && (observed.Outcome != tlsprobe.Accepted || tlsprobe.SuiteOf(observed.Suite).Name != c.name):
					t.Errorf("%s is not found: %+v", c.name, observed)
				case !here && observed.Outcome != tlsprobe.Refused:
					t.Errorf("something is found among others: %+v", observed)
				}
			}
		})
	}
}

// dhParameters makes the 1024-bit group of RFC 2409 a file: it takes long to make another.
func dhParameters(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dh.pem")
	if said, err := exec.Command("openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:modp_2048", "-out", path).CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v\n%s", err, said)
	}
	return path
}

// The group is the one that the server was told to have, and its size is read.
func TestGroupsOfOpenSSL(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	port := freePort(t)
	address := serve(t, port, "openssl", "s_server", "-accept", strconv.Itoa(port), "-key", key, "-cert", certificate, "-groups", "P-256:X448", "-cipher", "ALL:@SECLEVEL=0", "-quiet", "-www", "-dhparam", dhParameters(t))
	for group, want := range map[uint16]tlsprobe.Outcome{tlsprobe.P256: tlsprobe.Accepted, tlsprobe.X448: tlsprobe.Accepted, tlsprobe.X25519: tlsprobe.Refused, 19: tlsprobe.Refused} {
		for _, versions := range [][]uint16{{tlsprobe.TLS12}, {tlsprobe.TLS13}} {
			if group == 19 && versions[0] == tlsprobe.TLS13 {
				continue
			}
			offer := tlsprobe.Modern("localhost")
			offer.Says, offer.Versions, offer.Groups = tlsprobe.VersionName(versions[0])+" with "+tlsprobe.GroupName(group), versions, []uint16{group}
			if observed := ask(t, address, offer); observed.Outcome != want || want == tlsprobe.Accepted && observed.Group != group {
				t.Errorf("%s: %+v", offer.Says, observed)
			}
		}
	}
	observed := ask(t, address, tlsprobe.With("localhost", "DHE", tlsprobe.Suites(tlsprobe.Suite.FiniteField)))
	if observed.PrimeBits != 2048 {
		t.Errorf("the prime has %d bits", observed.PrimeBits)
	}
}

// Extensions, protocols, names, tickets: what OpenSSL answers by default, and what it does when told.
func TestExtensionsOfOpenSSL(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	port := freePort(t)
	address := serve(t, port, "openssl", "s_server", "-accept", strconv.Itoa(port), "-key", key, "-cert", certificate, "-quiet", "-www", "-alpn", "http/1.1", "-max_early_data", "1000")
	offer := tlsprobe.Alone("localhost", tlsprobe.TLS12)
	offer.Deflate = true
	offer.Extensions = append(offer.Extensions, tlsprobe.ExtTruncatedHMAC)
	observed := ask(t, address, offer)
	if !observed.Has(tlsprobe.ExtMasterSecret) || !observed.Has(tlsprobe.ExtRenegotiationInfo) || observed.Has(tlsprobe.ExtTruncatedHMAC) || observed.Compression != 0 || observed.Protocol != "http/1.1" || len(observed.Certificates) != 1 {
		t.Errorf("%+v", observed)
	}
	offer.Protocols = []string{"x-nobody-speaks-this"}
	if observed := ask(t, address, offer); observed.Outcome != tlsprobe.Refused || observed.Alert != 120 {
		t.Errorf("%+v", observed)
	}
	whole := tlsprobe.Finish(context.Background(), address, "localhost", tlsprobe.TLS13, "http/1.1")
	if whole.Outcome != tlsprobe.Accepted || whole.Tickets == 0 || whole.EarlyData != 1000 || whole.Protocol != "http/1.1" || len(whole.Certificates) != 1 {
		t.Errorf("%+v", whole)
	}
}

// A host that lets nobody in without a certificate is seen as well as others.
func TestDemandingOpenSSL(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	port := freePort(t)
	address := serve(t, port, "openssl", "s_server", "-accept", strconv.Itoa(port), "-key", key, "-cert", certificate, "-quiet", "-www", "-Verify", "1", "-CAfile", certificate)
	for _, version := range []uint16{tlsprobe.TLS12, tlsprobe.TLS13} {
		if observed := ask(t, address, tlsprobe.Alone("localhost", version)); observed.Outcome != tlsprobe.Accepted || version == tlsprobe.TLS12 && !observed.AsksForClients {
			t.Errorf("%+v", observed)
		}
	}
}

// GnuTLS, told each version and some families, is seen to have these.
func TestGnuTLS(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	for i, version := range []string{"TLS1.0", "TLS1.1", "TLS1.2", "TLS1.3"} {
		t.Run(version, func(t *testing.T) {
			port := freePort(t)
			address := serve(t, port, "gnutls-serv", "--echo", "--port", strconv.Itoa(port), "--x509keyfile", key, "--x509certfile", certificate, "--priority", "NORMAL:-VERS-ALL:+VERS-"+version)
			for j, one := range versions {
				want := tlsprobe.Refused
				if i == j {
					want = tlsprobe.Accepted
				}
				if observed := ask(t, address, tlsprobe.Alone("localhost", one)); observed.Outcome != want {
					t.Errorf("%s: %+v", tlsprobe.VersionName(one), observed)
				}
			}
		})
	}
	for priority, name := range map[string]string{
		"+RSA:+ARCFOUR-128:+SHA1": "TLS_RSA_WITH_RC4_128_SHA", "+ECDHE-RSA:+3DES-CBC:+SHA1": "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
		"+DHE-RSA:+AES-128-GCM:+AEAD": "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "+ANON-ECDH:+AES-128-CBC:+SHA1": "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
		"+RSA:+NULL:+MD5": "TLS_RSA_WITH_NULL_MD5",
	} {
		t.Run(priority, func(t *testing.T) {
			port := freePort(t)
			address := serve(t, port, "gnutls-serv", "--echo", "--port", strconv.Itoa(port), "--x509keyfile", key, "--x509certfile", certificate, "--priority", "NONE:+VERS-TLS1.2:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+CTYPE-X509:"+priority)
			observed := ask(t, address, tlsprobe.With("localhost", name, tlsprobe.Suites(func(s tlsprobe.Suite) bool { return !s.Recommended() })))
			if tlsprobe.SuiteOf(observed.Suite).Name != name {
				t.Errorf("not %s: %+v", name, observed)
			}
		})
	}
}

// A server that lets clients renegotiate is told from one that does not.
func TestRenegotiationOfOpenSSL(t *testing.T) {
	key, certificate := keys(t, "-newkey", "rsa:2048")
	for option, want := range map[string]tlsprobe.Outcome{"-client_renegotiation": tlsprobe.Accepted, "-no_renegotiation": tlsprobe.Refused} {
		t.Run(option, func(t *testing.T) {
			port := freePort(t)
			address := serve(t, port, "openssl", "s_server", "-accept", strconv.Itoa(port), "-key", key, "-cert", certificate, "-quiet", option)
			if observed := tlsprobe.Renegotiate(context.Background(), address, "localhost"); observed.Outcome != want {
				t.Errorf("%+v", observed)
			}
		})
	}
}
