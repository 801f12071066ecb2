package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestGreetsByName(t *testing.T) {
	response := httptest.NewRecorder()
	index(response, httptest.NewRequest("GET", "/?name=Ada", nil))
	if !strings.Contains(response.Body.String(), "Hello, Ada") {
		t.Errorf("no greeting in %q", response.Body.String())
	}
}
