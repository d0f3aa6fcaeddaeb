"""The printed packs: letters, cards, lists, calendars."""
