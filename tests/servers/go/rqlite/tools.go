//go:build tools

// Package rqlite pins the rqlite that scripts/install-servers builds.
package rqlite

import _ "github.com/rqlite/rqlite/v8/cmd/rqlited"
