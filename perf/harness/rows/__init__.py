"""How each kind of row is measured. Which rows there are stands in ../catalogue.py."""
