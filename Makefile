# Every target only calls `python -m bookbuild ...`, which works without make too.
PYTHON ?= python3
BOOKBUILD = PYTHONPATH=code $(PYTHON) -m bookbuild

.PHONY: help book test serve notebooks new-page studies check gpu-smoke clean
help:      ; @$(BOOKBUILD) help
book:      ; @$(BOOKBUILD) book
test:      ; @$(BOOKBUILD) test
serve:     ; @$(BOOKBUILD) serve
new-page:  ; @$(BOOKBUILD) new-page $(METHOD) $(NAME)
notebooks: ; @$(BOOKBUILD) notebooks
studies:   ; @$(BOOKBUILD) studies
check:     ; @$(BOOKBUILD) check
gpu-smoke: ; @$(BOOKBUILD) gpu-smoke
clean:     ; @$(BOOKBUILD) clean
