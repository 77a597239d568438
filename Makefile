# Every target only calls `python -m bookbuild ...`, which works without make too.
PYTHON ?= python3
BOOKBUILD = PYTHONPATH=code $(PYTHON) -m bookbuild

.PHONY: help book pdf site test serve notebooks new-page studies check outside-links gpu-smoke
.PHONY: launch-test clean
help:      ; @$(BOOKBUILD) help
book:      ; @$(BOOKBUILD) book
pdf:       ; @$(BOOKBUILD) pdf
site:      ; @$(BOOKBUILD) site
test:      ; @$(BOOKBUILD) test
serve:     ; @$(BOOKBUILD) serve
new-page:  ; @$(BOOKBUILD) new-page $(METHOD) $(NAME)
notebooks: ; @$(BOOKBUILD) notebooks
studies:   ; @$(BOOKBUILD) studies
check:     ; @$(BOOKBUILD) check
outside-links: ; @$(BOOKBUILD) outside-links
gpu-smoke: ; @$(BOOKBUILD) gpu-smoke
launch-test: ; @$(BOOKBUILD) launch-test
clean:     ; @$(BOOKBUILD) clean
