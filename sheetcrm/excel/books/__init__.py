"""New workbooks, made with XlsxWriter: templates, policy, review."""
