//go:build tools

// Package servers pins the servers that tests start and Debian does not have;
// scripts/install-servers builds them.
package servers

import _ "github.com/rqlite/rqlite/v8/cmd/rqlited"
