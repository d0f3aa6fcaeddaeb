"""The page of `sheetcrm open`: a face over `runs`, shown by the browser of this computer alone."""
