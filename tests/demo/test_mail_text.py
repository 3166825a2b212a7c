from ostiary.demo.pages import Piece, paragraphs


def test_a_link_ends_before_the_full_stop_of_its_sentence():
    assert paragraphs("See https://a.example/b.\r\nYours\n\nEnd") == (
        ((Piece("See "), Piece("https://a.example/b", url="https://a.example/b"), Piece(".")), (Piece("Yours"),)),
        ((Piece("End"),),),
    )


def test_an_address_of_another_kind_is_no_link():
    assert paragraphs("javascript:alert(1) http://") == (((Piece("javascript:alert(1) http://"),),),)
