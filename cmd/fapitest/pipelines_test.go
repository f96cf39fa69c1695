package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The examples for pipelines are YAML, and name no flag and no format that there is not.
func TestPipelines(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "docs", "pipelines", "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	files = append(files, filepath.Join(root, "action.yml"), filepath.Join(root, ".goreleaser.yaml"), filepath.Join(root, "Dockerfile"))
	help := runHelp + renderHelp + diffHelp
	others := []string{"--clean", "--from", "--no-install-recommends", "--rm", "--user"} // of goreleaser, docker and apt-get
	flag, format := regexp.MustCompile(`(^|[\s(])(--[a-z][a-z-]*)`), regexp.MustCompile(`--format ([a-z,]+)`)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(filepath.Ext(file), "y") {
			var document any
			if err := yaml.Load(data, &document); err != nil || document == nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		for _, found := range flag.FindAllStringSubmatch(string(data), -1) {
			if !strings.Contains(help, found[2]+" ") && !slices.Contains(others, found[2]) {
				t.Errorf("%s: no command has %s", file, found[2])
			}
		}
		for _, found := range format.FindAllStringSubmatch(string(data), -1) {
			for _, name := range strings.Split(found[1], ",") {
				if !strings.Contains(runHelp, name) {
					t.Errorf("%s: there is no format %s", file, name)
				}
			}
		}
	}
}
