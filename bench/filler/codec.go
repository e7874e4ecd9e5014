package main

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
)

// codec is the encoding in which the API server keeps built-in kinds: the bytes `k8s\0`, and a runtime.Unknown around the object.
var codec = newCodec()

func newCodec() *protobuf.Serializer {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, discoveryv1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	return protobuf.NewSerializer(scheme, scheme)
}

func encode(o object) ([]byte, error) { return runtime.Encode(codec, o.Object) }

func decode(data []byte) (runtime.Object, error) { return runtime.Decode(codec, data) }
