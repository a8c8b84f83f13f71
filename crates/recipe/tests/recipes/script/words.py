import helper, json, shared
