"""The made-up company behind the sample month: people, trade, contacts and the three workbooks that hold them."""
