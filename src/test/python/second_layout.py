#!/usr/bin/env python3
"""Decodes the examples of format.md, "Second layout" and "View by patron". Usage: second_layout.py FORMAT.md VECTORS"""
import hashlib, hmac, json, pathlib, re, struct, sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

u8, u32, u64 = (struct.Struct(form).pack for form in (">B", ">I", ">Q"))

def lp(x):
    x = x.encode() if isinstance(x, str) else x
    return u32(len(x)) + x

def prf(key, *parts):
    return hmac.digest(key, b"".join(parts), "sha256")

def xaes(key, sealed, aad):
    def aes(block):
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(block)

    k1 = int.from_bytes(aes(bytes(16)), "big") << 1
    k1 = k1 ^ (1 << 128 | 0x87) if k1 >> 128 else k1
    halves = (int.from_bytes(bytes([0, i, 0x58, 0]) + sealed[:12], "big") ^ k1 for i in (1, 2))
    return AESGCM(b"".join(aes(half.to_bytes(16, "big")) for half in halves)).decrypt(sealed[12:24], sealed[24:], aad)

def box(key, aad, stored):
    ke, kc = (prf(prf(bytes(32), key), lp("pv1.box." + use), u8(1)) for use in ("encrypt", "commit"))
    bound = lp("pv1.box") + u8(1) + lp(aad)
    same(stored[:33], u8(1) + prf(kc, bound, stored[33:57]))
    return xaes(ke, stored[33:], bound)

def same(one, other):
    assert one == other, f"{one} is not {other}"

def examples(text, heading):
    """The hexadecimal of each label in the blocks below a heading, without what is said about it."""
    section = re.split(r"\n#{1,%d} " % heading.count("#"), text.split(heading + "\n", 1)[1], maxsplit=1)[0]
    found, label = {}, None
    for line in (line for block in section.split("```")[1::2] for line in block.splitlines()):
        label = line[:13].strip() or label
        if re.fullmatch("[0-9a-f ]+", line[13:]):
            found[label] = found.get(label, b"") + bytes.fromhex(line[13:])
    return found

def row(given, doc):
    vault, patron, columns = given["vaultId"], given["patronId"], given["columns"]
    bound = b"".join(lp(columns[c]) for c in ("library", "category", "status", "expires", "registered"))
    bound += u64(columns["version"]) + u64(columns["index_generation"])
    same(bound, doc["bound"])
    hashed, values, generations = lp("pv2.row") + lp(vault) + u64(int(patron, 16)), {}, {}
    for cell in given["cells"]:
        field, stored, more = cell["field"], bytes.fromhex(cell["stored"]), bound if cell["field"] == "meta" else b""
        generation, envelope = stored[:8], stored[8:]
        same(envelope[:5], u8(1) + u32(cell["kekVersion"]))
        place = lp(vault) + lp(field) + lp(patron) + generation + u8(1)
        p, w = lp("pv1.payload") + place + more, lp("pv1.wrap") + place + envelope[1:5]
        dek = xaes(bytes.fromhex(cell["kek"]), envelope[5:77], w)
        same(prf(dek, b"pv1.commit", p), envelope[77:109])
        padded = AESGCM(dek).decrypt(envelope[109:121], envelope[121:], p)
        value = padded[4 : 4 + int.from_bytes(padded[:4], "big")]
        fits = min(size for size in cell["sizeClasses"] if size >= 4 + len(value))
        same((padded, value.hex()), (u32(len(value)) + value + bytes(fits - 4 - len(value)), cell["value"]))
        hashed += u8(cell["code"]) + generation + hashlib.sha256(p + envelope[77:]).digest()
        values[field], generations[field] = value, generation
    same((hashed, hashlib.sha256(hashed).digest()), (doc["hashed"], doc["hash of row"]))
    same(values["meta"][8:54], u8(5) + b"".join(u8(c["code"]) + generations[c["field"]] for c in given["cells"][:5]))
    same((values["meta"], generations["terms"]), (doc["meta cell"], u64(columns["index_generation"])))
    terms = {prf(doc["term key"], lp(vault), lp(kind), lp(text))[:6] for kind, text in given["terms"]}
    same([values["terms"]] * 2, [doc["terms cell"], u32(1) + b"".join(sorted(terms)).ljust(240, b"\0")])
    same((doc["term"] in terms, doc["term"]), (True, prf(doc["term key"], doc["term input"])[:6]))

def card(doc):
    made = {use: prf(doc["card key"], lp("pv2.card." + use)) for use in ("label", "value.1", "value.2")}
    same((made["label"], made["value.1"] + made["value.2"]), (doc["label key"], doc["value key"]))
    same(prf(made["label"], doc["card input"])[:16], doc["card label"])
    value = AESSIV(doc["value key"]).decrypt(doc["card sealed"], [doc["card aad"]])
    same((doc["card aad"], doc["card value"]), (u32(1) + doc["card label"], value))

def view(given, doc):
    month, first, end, pages = u32(given["month"]), given["first"], given["end"], given["pages"]
    seal, keys = (prf(bytes.fromhex(given["contentKey"]), lp("pv2.view." + use), month) for use in ("seal", "patron"))
    same((seal, keys), (doc["seal key"], doc["PRF key"]))
    place = lp("pv2.view") + lp(given["vaultId"]) + month + u64(first)
    bounds = lambda n: u64(end if n else 0) + u32(n) + u32(len(pages) if n else 0)
    plain = [box(seal, place + bounds(n), bytes.fromhex(page)) for n, page in enumerate(pages)]
    same(plain[0][:48], u64(end) + bytes.fromhex(given["lastLeaf"]) + u32(2) + u32(len(given["strays"])))
    firsts = b"".join(page[2:10] for page in plain[1:]) + b"".join(u32(stray - first) for stray in given["strays"])
    same(plain[0][48:], firsts.ljust(3890, b"\0"))
    pairs = [page[2 + 12 * i :][:12] for page in plain[1:] for i in range(int.from_bytes(page[:2], "big"))]
    numbers = [struct.unpack(">qI", pair) for pair in pairs]
    same((numbers, len(pairs)), (sorted(numbers), given["pairs"]))
    same(prf(keys, u64(int(given["patronId"], 16)))[:8], doc["patron key"])
    same([first + place for key, place in numbers if u64(key % 2**64) == doc["patron key"]], given["entries"])

text, vectors = pathlib.Path(sys.argv[1]).read_text("utf-8"), pathlib.Path(sys.argv[2])
layout = examples(text, "## Second layout")
row(json.loads((vectors / "row/patron.json").read_text()), layout)
card(layout)
view(json.loads((vectors / "view/block.json").read_text()), examples(text, "### View by patron"))
print("all examples decode")
