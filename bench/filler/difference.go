package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

const contextLines = 3

// difference shows where two stored objects begin to differ, as JSON.
func difference(own, stored []byte) string {
	mine, theirs := linesOf(own), linesOf(stored)
	for i := range mine {
		if i < len(theirs) && mine[i] == theirs[i] {
			continue
		}
		return fmt.Sprintf("filler:\n%s\nserver:\n%s", around(mine, i), around(theirs, i))
	}
	return fmt.Sprintf("equal as JSON but for %d lines more, and of %d and %d bytes", len(theirs)-len(mine), len(own), len(stored))
}

func linesOf(data []byte) []string {
	o, err := decode(data)
	if err != nil {
		return []string{err.Error()}
	}
	text, err := json.MarshalIndent(o, "", " ")
	if err != nil {
		return []string{err.Error()}
	}
	return strings.Split(string(text), "\n")
}

func around(lines []string, at int) string {
	return strings.Join(lines[max(0, min(at, len(lines))-contextLines):min(len(lines), at+contextLines)], "\n")
}
