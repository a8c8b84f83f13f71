packaging_rules = [PipInstallSimple("click"), WriteLicenseFiles("")]
Config(application_name = "app", packaging_rules = packaging_rules)
