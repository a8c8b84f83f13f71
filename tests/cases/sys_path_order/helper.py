WHOSE = "the app"
