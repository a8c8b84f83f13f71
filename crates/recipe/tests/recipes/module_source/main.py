import built.info
