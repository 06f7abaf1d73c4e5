"""A labelled set of faces from a camera, from videos or from folders of pictures.

    source.py    gives pictures: from a camera, a video, files
    crop.py      cuts the square that is kept out of a picture
    novelty.py   decides which pictures are new
    store.py     the folder with the set
    take.py      takes pictures of one class from a source into the store
    live.py      takes the pictures of a class from a camera, with prompts for the person
    keyboard.py  reads the person's answers
    display.py   shows the live picture and the prompts

`load_frames` reads the folder as it is.
"""
