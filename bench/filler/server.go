package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// server is the API server.
type server struct {
	url, token string
	client     *http.Client
}

func openServer(url, caFile, token string) (server, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return server{}, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return server{}, fmt.Errorf("%s holds no certificate", caFile)
	}
	return server{url, token, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}}, nil
}

// create makes an object as its components do, step by step.
func (s server) create(ctx context.Context, o object) error {
	// The API server gives a uid of its own, and would refuse a status of another.
	uid := o.meta.UID
	o.meta.UID = ""
	body, err := encode(o)
	o.meta.UID = uid
	if err != nil {
		return err
	}
	for i, step := range o.steps {
		method, path := http.MethodPost, o.path
		if i > 0 {
			method, path = http.MethodPut, o.path+"/"+o.meta.Name+"/"+step.subresource
		}
		if err := s.send(ctx, method, path+"?fieldManager="+step.manager, body); err != nil {
			return err
		}
	}
	return nil
}

func (s server) send(ctx context.Context, method, path string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", protobufType)
	request.Header.Set("Accept", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s %s", method, path, response.Status, answer)
	}
	return err
}
