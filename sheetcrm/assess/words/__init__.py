"""The sentences about a customer. They are made here and read nowhere."""
