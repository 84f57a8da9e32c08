//go:build tools

// Package summitdb pins the SummitDB that scripts/install-servers builds. Its
// repository has no go.mod: of each module it is pinned to the commit of which
// the repository holds a copy, or to the next release where there is none.
package summitdb

import _ "github.com/tidwall/summitdb/cmd/summitdb-server"
