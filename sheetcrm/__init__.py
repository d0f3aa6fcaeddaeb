"""Grade customers kept in Excel workbooks, plan their follow-up, print what managers sign."""

__version__ = "0.1.0"
