package target

import (
	"os"
	"runtime"
	"slices"

	"go.yaml.in/yaml/v4"
)

// ReadableByOthers says whether others than its owner may read a file, as far as the system tells.
func ReadableByOthers(path string) bool {
	info, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o044 != 0
}

// guarded notes a file with a private key in it that others may read.
func (l *loader) guarded(node *yaml.Node) {
	if path := l.resolve(node.Value); ReadableByOthers(path) && !slices.Contains(l.target.Exposed, path) {
		l.target.Exposed = append(l.target.Exposed, path)
	}
}
