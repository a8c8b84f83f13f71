green = "leaf"
