"""Is an address that a stranger gave us one that we may call?"""

import pytest

from notifications.strangers import NotPublic, is_public, read_url

HOSTILE = [
    "file:///etc/passwd",
    "http://hooks.example.org/in",
    "gopher://hooks.example.org/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://0/",
    "https://１２７.0.0.1/",
    "https://127.0.0.1./",
    "https://10.1.2.3/",
    "https://100.64.0.1/",
    "https://100.100.100.200/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://192.168.1.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::127.0.0.1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:53aa:64c:0:0:80ff:fffe]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[2001:db8::1]/",
    "https://localhost/",
    "https://localhost./",
    "https://intranet/",
    "https://hooks.example.org@127.0.0.1/",
    "https://user:secret@hooks.example.org/",
    "https://hooks.example.org:22/",
    "https://hooks.example.org:0/",
    "https://hooks.example.org:99999/",
    "https://hooks.example.org/\r\nX: y",
    "https://hooks.example.org\\@127.0.0.1/",
    "https://hooks..example.org/",
    "https://-hooks.example.org/",
    "https://[::1",
    "https://",
    "https:///in",
    "",
    "https://hooks.example.org/" + "x" * 2000,
]


@pytest.mark.parametrize("url", HOSTILE)
def test_what_we_never_call(url: str) -> None:
    with pytest.raises(NotPublic) as error:
        read_url(url)
    assert "example" not in str(error.value).replace("hooks.example.org/in.", "")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://hooks.example.org/in", "https://hooks.example.org/in"),
        (" HTTPS://Hooks.Example.ORG ", "https://hooks.example.org/"),
        ("https://hooks.example.org.:443/in?key=a&b=%20#part", None),
        ("https://hooks.example.org:8443/in", "https://hooks.example.org:8443/in"),
        ("https://bücher.example/però", "https://xn--bcher-kva.example/per%C3%B2"),
        ("https://8.8.8.8/in", "https://8.8.8.8/in"),
        ("https://[2606:4700::1111]/in", "https://[2606:4700::1111]/in"),
        ("https://my_hooks.example.org/in", "https://my_hooks.example.org/in"),
    ],
)
def test_what_we_call(written: str, kept: str | None) -> None:
    assert read_url(written).url == (kept or "https://hooks.example.org/in?key=a&b=%20")


def test_an_address_is_kept_as_it_would_be_read_again() -> None:
    place = read_url("https://bücher.example:8443/però?a=b c".replace(" ", "%20"))
    assert read_url(place.url) == place
    assert "però" not in repr(place)


@pytest.mark.parametrize("address", ["64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1"])
def test_a_public_address_inside_another_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["fe80::1%lo", "nothing", "", "192.0.0.192"])
def test_what_no_resolver_should_say(address: str) -> None:
    assert not is_public(address)
