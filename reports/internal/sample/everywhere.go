package sample

import (
	"reflect"

	"github.com/fapitest/fapitest/harness/verdict"
)

// Everywhere puts a text into every field of a report that may hold words of a target: all text of its experiments and of what is said of the target, and the notes.
func Everywhere(r *verdict.Report, text string) {
	r.Notes = append(r.Notes, text)
	fill(reflect.ValueOf(&r.Target), text)
	for i := range r.Requirements {
		for j := range r.Requirements[i].Specs {
			spec := &r.Requirements[i].Specs[j]
			client, sentence := spec.Client, spec.Sentence // what a report is ordered by is ours
			fill(reflect.ValueOf(spec), text)
			spec.Client, spec.Sentence = client, sentence
		}
	}
}

// fill sets all that is plain text below a value. Words of ours have types of their own.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			fill(v.Elem(), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Interface && v.Type().Key().Kind() == reflect.String && !v.IsNil() {
			v.SetMapIndex(reflect.ValueOf(text).Convert(v.Type().Key()), reflect.ValueOf(text))
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() && v.CanSet() {
			v.SetString(text)
		}
	default:
	}
}
