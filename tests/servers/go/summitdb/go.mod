module summitdb

go 1.19

require github.com/tidwall/summitdb v0.0.0-20220422222215-bc639291bb25

require (
	github.com/armon/go-metrics v0.0.0-20170114134737-93f237eba9b0 // indirect
	github.com/boltdb/bolt v1.3.1-0.20160913165339-fff57c100f4d // indirect
	github.com/garyburd/redigo v1.0.1-0.20161024014702-80f7de34463b // indirect
	github.com/hashicorp/go-msgpack v0.0.0-20150518234257-fa3f63826f7c // indirect
	github.com/hashicorp/raft v0.0.0-20160824023112-5f09c4ffdbcd // indirect
	github.com/robertkrimen/otto v0.0.0-20161004124546-d5ddea59ffc0 // indirect
	github.com/tidwall/btree v0.0.0-20161229223016-2b823c16dd2f // indirect
	github.com/tidwall/buntdb v0.0.0-20161006183222-68706df6a510 // indirect
	github.com/tidwall/collate v0.0.0-20160903175709-98e9abcb495f // indirect
	github.com/tidwall/finn v0.0.0-20161014220806-4111c9b887ba // indirect
	github.com/tidwall/gjson v0.0.0-20161105024123-72b0cad1c183 // indirect
	github.com/tidwall/grect v0.0.0-20161006141115-ba9a043346eb // indirect
	github.com/tidwall/less v0.0.0-20160906200858-e74fdbb9808c // indirect
	github.com/tidwall/match v0.0.0-20160830173930-173748da739a // indirect
	github.com/tidwall/raft-boltdb v0.0.0-20160909211738-25b87f2c5677 // indirect
	github.com/tidwall/raft-fastlog v0.0.0-20160922202426-2f0d0a0ce558 // indirect
	github.com/tidwall/raft-redcon v0.1.0 // indirect
	github.com/tidwall/redcon v0.0.0-20170202162540-6f1afba01744 // indirect
	github.com/tidwall/redlog v0.0.0-20160922201049-54086c8553cd // indirect
	github.com/tidwall/rtree v0.0.0-20160903213729-d4a8a3d30d57 // indirect
	github.com/tidwall/sjson v0.0.0-20161121171652-97e172d6f2ca // indirect
	golang.org/x/crypto v0.0.0-20190308221718-c2843e01d9a2 // indirect
	golang.org/x/sys v0.0.0-20190215142949-d0b11bdaac8a // indirect
	golang.org/x/text v0.3.0 // indirect
	gopkg.in/sourcemap.v1 v1.0.5 // indirect
)
