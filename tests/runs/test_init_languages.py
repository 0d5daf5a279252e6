"""`capi init` of one shop's orders in eight languages: the same fields, and a file that `validate` takes at once."""

import json
from pathlib import Path

import pytest

from capi_cli.cli.app import main

SHOPS = {
    # language: zone and country as a person says them, and two orders
    "english": """America/Chicago US
Order #,Order Date,Customer Name,Email Address,Mobile,City,State,ZIP,Order Total,Currency,Date of Birth
1001,11/24/2026 10:12 AM,Jane Doe,jane@example.com,(650) 555-1212,St. Louis,MO,63101,"1,234.50",USD,02/13/1980
1002,11/24/2026 11:12 PM,John Smith,john@example.com,(312) 555-0142,Chicago,IL,60601,12.50,USD,05/01/1970
em ph fn ln ct st zp db value currency order_id""",
    "spanish": """Europe/Madrid ES
Nº pedido;Fecha del pedido;Nombre;Apellidos;Correo electrónico;Móvil;Código postal;Ciudad;Provincia;Importe total;Moneda
51;24/11/2026 10:12;Lucía;García;lucia@ejemplo.es;612 345 678;28013;Madrid;Madrid;1.234,50;EUR
52;24/11/2026 11:12;Juan;Ruiz;juan@ejemplo.es;612 345 679;36201;Vigo;Pontevedra;12,50;EUR
em ph fn ln ct st zp value currency order_id""",
    "french": """Europe/Paris FR
N° commande;Date de commande;Nom;Prénom;Adresse e-mail;Téléphone;Code postal;Ville;Pays;Montant TTC;Devise
11;24/11/2026 10:12;Dupont;Jean;jean@exemple.fr;06 12 34 56 78;75001;Paris;France;1 234,50 €;EUR
12;24/11/2026 11:15;L'Écuyer;Zoé;zoe@exemple.fr;01 42 68 53 00;42000;Saint-Étienne;France;12,90 €;EUR
em ph fn ln ct zp country value currency order_id""",
    "german": """Europe/Berlin DE
Bestellnr.;Bestelldatum;Vorname;Name;E-Mail-Adresse;Mobil;PLZ;Ort;Land;Gesamtbetrag;Währung;Geburtsdatum
B-1;24.11.2026 10:12;Anna;Berg;anna@example.de;0171 2345678;80331;München;Deutschland;1.234,50;EUR;13.02.1980
B-2;24.11.2026 11:12;Ben;Tal;ben@example.de;030 23125001;10115;Berlin;Deutschland;12,50;EUR;01.02.1970
em ph fn ln ct zp country db value currency order_id""",
    "italian": """Europe/Rome IT
Numero ordine;Data ordine;Nome;Cognome;Indirizzo e-mail;Cellulare;CAP;Città;Provincia;Nazione;Totale ordine;Valuta
77;24/11/2026 10:12;Giulia;Rossi;giulia@esempio.it;347 1234567;20121;Milano;MI;Italia;1.234,50;EUR
78;24/11/2026 11:12;Marco;Bianchi;marco@esempio.it;06 69812345;00184;Roma;RM;Italia;12,50;EUR
em ph fn ln ct st zp country value currency order_id""",
    "portuguese": """America/Sao_Paulo BR
Número do pedido;Data do pedido;Nome;Sobrenome;E-mail;Celular;CEP;Cidade;UF;País;Valor total;Moeda
9;24/11/2026 10:12;Ana;Souza;ana@exemplo.com.br;(11) 91234-5678;01310-100;São Paulo;SP;Brasil;1.234,50;BRL
10;24/11/2026 11:12;João;Silva;joao@exemplo.com.br;(21) 91234-5678;20040-002;Rio;RJ;Brasil;12,50;BRL
em ph fn ln ct st zp country value currency order_id""",
    "dutch": """Europe/Amsterdam NL
Ordernummer;Besteldatum;Voornaam;Achternaam;E-mailadres;Telefoonnummer;Postcode;Woonplaats;Totaalbedrag;Valuta
91;24-11-2026 10:12;Sanne;Vries;sanne@voorbeeld.nl;06-12345678;1012 AB;Amsterdam;1.234,50;EUR
92;24-11-2026 11:12;Daan;Jansen;daan@voorbeeld.nl;020-6231234;3011 AA;Rotterdam;12,50;EUR
em ph fn ln ct zp value currency order_id""",
    "polish, by its cells": """Europe/Warsaw PL
Numer zamówienia;Data zamówienia;Imię;Nazwisko;Adres e-mail;Telefon;Kraj;Kwota;Waluta;Data urodzenia
Z1;24.11.2026 10:12;Zofia;Nowak;zofia@przyklad.pl;512 345 678;Polska;1234,50;PLN;13.02.1980
Z2;24.11.2026 11:12;Jan;Kowalski;jan@przyklad.pl;22 123 45 67;Polska;12,50;PLN;01.02.1970
em ph country db value currency""",
}


@pytest.mark.parametrize("language", SHOPS)
def test_a_shops_orders_are_understood_and_validate_accepts_them_at_once(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place, header, first, second, fields = SHOPS[language].splitlines()
    for name, value in {
        "CAPI_NOW": "2026-11-25T12:00:00+00:00",
        "CAPI_STATE_DIR": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "CAPI_OUTPUT": "json",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    Path("orders.csv").write_text(f"{header}\n{first}\n{second}\n", encoding="utf-8")
    zone, country = place.split()
    sale = ["--set", "event_name=Purchase", "--set", "action_source=phone_call"]
    assert main(["init", "orders.csv", *sale, "--timezone", zone, "--default-country", country]) == 0
    looked = json.loads(capsys.readouterr().out)
    found = {one["field"].rpartition(".")[2] for one in looked["mapping"]}
    assert found == {*fields.split(), "event_name", "event_time", "action_source"}
    assert looked["to_complete"] == []
    assert main(["validate", "orders.csv"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["events_prepared"] == 2
    assert set(summary["coverage"].values()) == {1.0}
    assert {one["code"] for one in summary["findings"]} <= {"number-symbol"}


def test_another_files_mapping_here_says_nothing_about_this_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("capi.toml").write_text('timezone = "Asia/Tokyo"\n', encoding="utf-8")
    _, header, first, second, _ = SHOPS["german"].splitlines()
    Path("orders.csv").write_text(f"{header}\n{first}\n{second}\n", encoding="utf-8")
    assert main(["init", "orders.csv", "-o", "other.toml", "--output", "json"]) == 0
    assert "timezone" in [one["name"] for one in json.loads(capsys.readouterr().out)["to_complete"]]
    assert "Tokyo" not in Path("other.toml").read_text(encoding="utf-8")
