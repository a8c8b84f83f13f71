NAME = "apple"
