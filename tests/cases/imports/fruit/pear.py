NAME = "pear"
