"""Gap lists: what each owner is to mend, per client, in the forms that people use."""
