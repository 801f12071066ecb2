package main

import (
	_ "embed"
	"html/template"
	"log"
	"net/http"
	"os"
)

//go:embed index.html
var source string

var page = template.Must(template.New("index").Parse(source))

func index(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	name := r.URL.Query().Get("name")
	if name == "" {
		name = "Go"
	}
	if err := page.Execute(w, name); err != nil {
		log.Print(err)
	}
}

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/", index)
	log.Printf("Listening on http://localhost:%s", port)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, nil))
}
