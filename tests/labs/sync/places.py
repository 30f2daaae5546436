"""Destinations that the labs copy to: each can be asked for what lies there as a plain folder."""
import pathlib
import shutil


class Directory:
    name = "directory"

    def __init__(self, folder):
        self.folder = pathlib.Path(folder, "there")

    def why_not(self):
        return None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)

    def stop(self):
        pass

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def options(self):
        return []

    def environment(self):
        return {}

    def target(self):
        return f"{self.folder}/"

    def content(self):
        """The folder with what lies there now; may be a copy."""
        return self.folder


def all_places(folder):
    return [Directory(folder)]
