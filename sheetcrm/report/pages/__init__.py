"""Figures and assessments to views, and views to HTML pages."""
