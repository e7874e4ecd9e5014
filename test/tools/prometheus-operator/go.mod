module dualstack.dev/tools/prometheus-operator

go 1.26.0

// Of it the tests take the definitions of its kinds, and no Go: tidy would take it away.
require github.com/prometheus-operator/prometheus-operator v0.85.0
