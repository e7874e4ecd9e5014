package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// lesson is what was learned of the objects of one shape from one that the API server wrote: their managed fields.
type lesson struct {
	Items         []string
	ManagedFields []metav1.ManagedFieldsEntry
}

// lessons are by shape.
type lessons map[string]lesson

// teach gives an object the managed fields that the API server would have given it.
func (l lessons) teach(o object) error {
	learned, ok := l[o.shape]
	if !ok || len(learned.Items) != len(o.items) {
		return fmt.Errorf("nothing was learned of objects such as %s (%s)", o.key, o.shape)
	}
	replace := replacer(learned.Items, o.items)
	entries := make([]metav1.ManagedFieldsEntry, len(learned.ManagedFields))
	for i, entry := range learned.ManagedFields {
		entry.Time = &o.meta.CreationTimestamp
		if entry.FieldsV1 != nil {
			entry.FieldsV1 = &metav1.FieldsV1{Raw: []byte(replace.Replace(string(entry.FieldsV1.Raw)))}
		}
		entries[i] = entry
	}
	o.meta.ManagedFields = entries
	return nil
}

// replacer writes the items of one object in place of those of another.
func replacer(from, to []string) *strings.Replacer {
	var pairs []string
	for i := range from {
		pairs = append(pairs, `\"`+from[i]+`\"`, `\"`+to[i]+`\"`)
	}
	return strings.NewReplacer(pairs...)
}

func (l lessons) write(file string) error {
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o600)
}

func readLessons(file string) (lessons, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	learned := lessons{}
	return learned, json.Unmarshal(data, &learned)
}
