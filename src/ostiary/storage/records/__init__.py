"""The files of the store: one for each kind of thing that is kept. Each has its statements on top, its face below."""
