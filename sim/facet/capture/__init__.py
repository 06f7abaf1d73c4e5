"""A labelled set of faces from a camera, from videos or from folders of pictures.

    source.py    where pictures come from: a camera, a video, files
    crop.py      the square of a picture that is kept
    novelty.py   which pictures are new
    store.py     the folder that holds the set
    take.py      pictures of one class, from a source into the store
    live.py      a class from a camera: what the person is asked, shown and told
    keyboard.py  what the person answers
    display.py   what the person sees

`load_frames` reads the folder as it is.
"""
