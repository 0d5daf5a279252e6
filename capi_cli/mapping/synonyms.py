"""The words that exports use for Meta's fields, in seven languages: English, Spanish, French, German, Italian,
Portuguese, Dutch. Tables; `guess` says how they are compared.

Only words that can mean one thing are here. What may mean two (`state`, `name`, `nom`, `nombre`, `land`) counts
only beside another column that settles it, or not at all: `id`, `date`, `status`, `type`, `estado`, `client_id`.
`customer_id` is not here either: guests often share one (0), and external_id must equal what the site's pixel
sends, which a person has to know.
"""

from typing import Final

BILLING, CUSTOMER, PLAIN, SHIPPING = "billing", "customer", "", "shipping"

SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    # field: words between commas; the words of a second text count only where no column has one of the first
    "user_data.em": (
        """
        email, e-mail, mail, email address, e-mail address, mail address, email adresse, mailadresse,
        correo, correo electrónico, dirección de correo, dirección de correo electrónico, courriel,
        adresse email, adresse mail, adresse courriel, adresse électronique, posta elettronica,
        indirizzo email, indirizzo di posta elettronica, endereço de email, correio eletrônico,
        e-mailadres, emailadres
        """,
    ),
    "user_data.ph": (
        """
        phone, phone number, phone no, telephone, telephone number, tel, tel no, mobile, mobile phone,
        mobile number, mobile phone number, mobile no, cell phone, cellphone, cell number, contact
        number, telefon, telefonnummer, telefonnr, handy, handynummer, mobil, mobilnummer,
        mobiltelefon, rufnummer, teléfono, número de teléfono, teléfono móvil, móvil, celular, número
        de celular, téléphone, numéro de téléphone, téléphone portable, téléphone mobile, tél,
        telefono, numero di telefono, telefono cellulare, cellulare, telefone, número de telefone,
        telemóvel, telefone celular, telefoon, telefoonnummer, mobiel, mobiele telefoon, mobiel
        nummer, gsm
        """,
    ),
    "user_data.fn": (
        """
        first name, firstname, given name, forename, fname, vorname, rufname, primer nombre, nombre de
        pila, prénom, primeiro nome, nome próprio, voornaam
        """,
    ),
    "user_data.ln": (
        """
        last name, lastname, surname, family name, lname, nachname, familienname, zuname, apellido,
        apellidos, primer apellido, nom de famille, cognome, sobrenome, apelido, último nome,
        achternaam, familienaam
        """,
    ),
    "user_data.ge": ("gender, gen, sex, género, sexo, sexe, geschlecht, sesso, gênero, geslacht",),
    "user_data.db": (
        """
        dob, date of birth, birth date, birthdate, birthday, birthday date, geburtsdatum, geburtstag,
        fecha de nacimiento, fecha nacimiento, nacimiento, date de naissance, date naissance,
        naissance, data di nascita, data nascita, data de nascimento, data nascimento, nascimento,
        geboortedatum
        """,
    ),
    "user_data.ct": (
        """
        city, town, city name, ciudad, localidad, población, ville, commune, stadt, wohnort, città,
        cidade, plaats, woonplaats
        """,
    ),
    "user_data.st": (
        """
        province, state code, province code, state province, state region, bundesland, kanton, uf
        """,
    ),
    "user_data.zp": (
        """
        zip, zip code, zipcode, postal code, postalcode, postcode, post code, zip postal code, código
        postal, code postal, plz, postleitzahl, codice postale, codice di avviamento postale, cep,
        código de endereçamento postal
        """,
    ),
    "user_data.country": (
        """
        country, country code, country iso, country region, iso country code, país, código de país,
        pays, code pays, paese, nazione, código do país, landcode, ländercode, landeskürzel,
        länderkürzel, landnaam
        """,
    ),
    "user_data.external_id": ("external id, extern id, external user id",),
    "user_data.client_ip_address": (
        """
        client ip address, client ip, ip address, ip, ip addr, remote addr, browser ip, customer ip
        address, customer ip, user ip, user ip address, adresse ip, dirección ip, indirizzo ip,
        endereço ip, ip adresse, ip adres
        """,
    ),
    "user_data.client_user_agent": (
        """
        client user agent, user agent, browser user agent, customer user agent, http user agent
        """,
    ),
    "user_data.fbc": ("facebook click cookie, fbc cookie",),
    "user_data.fbp": ("facebook browser id, fbp cookie",),
    "user_data.fbclid": ("facebook click id, fb click id, fbclickid",),
    "user_data.madid": ("mobile advertiser id, mobile advertising id, advertising id, idfa, gaid, aaid",),
    "event_time": (
        """
        event timestamp, event date, event datetime, created at, created, created time, created on,
        create date, created date, creation date, creation time, date created, timestamp, order date,
        ordered at, order time, order datetime, order timestamp, order created at, date ordered,
        purchase date, purchased at, purchase time, date of purchase, paid at, paid date, date paid,
        payment date, transaction date, transaction time, transaction datetime, sale date, sold at,
        date of sale, conversion time, conversion date, bestelldatum, kaufdatum, auftragsdatum,
        verkaufsdatum, zahlungsdatum, erstellt am, angelegt am, fecha de compra, fecha compra, fecha
        de pedido, fecha del pedido, fecha pedido, fecha de venta, fecha de pago, fecha de creación,
        fecha y hora, date de commande, date commande, date de la commande, date d'achat, date achat,
        date de création, date de vente, date de paiement, data ordine, data dell'ordine, data
        acquisto, data di acquisto, data creazione, data di creazione, data vendita, data pagamento,
        data do pedido, data pedido, data da compra, data compra, data da venda, data de criação,
        criado em, besteldatum, orderdatum, aankoopdatum, aangemaakt op
        """,
    ),
    "custom_data.order_id": (
        """
        order id, order number, order no, order nr, order num, order reference, order name,
        bestellnummer, bestellnr, bestell nr, bestell-id, auftragsnummer, auftragsnr, número de
        pedido, numero pedido, nº de pedido, n° pedido, no pedido, id pedido, id de pedido, id del
        pedido, numéro de commande, num commande, n° commande, n° de commande, id commande, référence
        commande, numero ordine, numero d'ordine, n° ordine, id ordine, número do pedido, id do
        pedido, bestelnummer, bestelnr, ordernummer
        """,
        """
        transaction id, transaction number, receipt id, receipt number, receipt no, invoice id,
        invoice number, invoice no, belegnummer, belegnr, bonnummer, rechnungsnummer, rechnungsnr,
        número de factura, nº factura, numéro de facture, n° facture, numero fattura, número da
        fatura, factuurnummer
        """,
    ),
    "custom_data.value": (
        """
        purchase value, order value, order total, total price, grand total, order amount, purchase
        amount, conversion value, total value, order total amount, bestellwert, auftragswert,
        gesamtbetrag, gesamtsumme, gesamtpreis, importe total, total del pedido, valor total, montant
        total, total commande, total de la commande, totale ordine, importo totale, total do pedido,
        totaalbedrag, ordertotaal
        """,
        """
        total, amount, total amount, amount paid, total paid, revenue, sales amount, transaction
        amount, sale amount, betrag, summe, umsatz, importe, monto, montant, importo, totale, valor,
        bedrag, totaal
        """,
    ),
    "custom_data.currency": (
        """
        currency code, order currency, iso currency code, transaction currency, währung, waehrung,
        währungscode, moneda, divisa, código de moneda, devise, monnaie, code devise, valuta, codice
        valuta, moeda, código da moeda, valutacode, munteenheid
        """,
    ),
    "custom_data.contents.id": ("item id, item ids, content id",),
    "custom_data.contents.quantity": ("item quantity, item quantities",),
    "custom_data.contents.item_price": ("item price, item prices, contents.price",),
    "custom_data.contents.title": ("item title",),
    "custom_data.contents.brand": ("item brand",),
    "custom_data.contents.category": ("item category",),
}

# Meta's offline uploader spelled some keys otherwise than the Conversions API: email, phone, gen, zip, dob,
# extern_id. They stand among the words above. Source: Meta, "Offline events", field map.

FULL_NAME: Final = (
    "full name, customer name, customer full name, buyer name, billing name, kundenname, vor- und nachname, "
    "vollständiger name, nombre completo, nombre y apellidos, nombre del cliente, nombre cliente, nom complet, "
    "nom et prénom, prénom et nom, nom du client, nome completo, nome e cognome, nome cliente, nome do cliente, "
    "volledige naam, klantnaam"
)

OWNERS: Final = {
    # words before or after a person's field that say whose it is
    BILLING: "billing, bill to, billing address, invoice address, rechnungs, facturación, facturation, fatturazione",
    CUSTOMER: "customer, customers, client, buyer, contact, purchaser, payer, subscriber, lead, user, kunde, "
    "kunden, käufer, cliente, acheteur, klant, customer address, default address",
    SHIPPING: "shipping, ship to, shipping address, delivery, delivery address, recipient, liefer, envío, "
    "livraison, spedizione",
}
OWNED_WORDS: Final = {"state": "user_data.st", "region": "user_data.st", "land": "user_data.country"}
# ^ beside a word of OWNERS these can mean one thing

ADDRESS: Final = ("user_data.ct", "user_data.zp")
NEEDING: Final[dict[str, tuple[str, tuple[str, ...], str]]] = {
    # word: field, and either fields of which one must have a column, or words of which one must be a column
    "state": ("user_data.st", ADDRESS, ""),
    "region": ("user_data.st", ADDRESS, ""),
    "região": ("user_data.st", ADDRESS, ""),
    "provincia": ("user_data.st", ADDRESS, ""),
    "land": ("user_data.country", ADDRESS, ""),
    "ort": ("user_data.ct", ("user_data.zp",), ""),
    "cap": ("user_data.zp", ("user_data.ct",), ""),
    "name": ("user_data.ln", (), "vorname, voornaam"),
    "naam": ("user_data.ln", (), "voornaam"),
    "nom": ("user_data.ln", (), "prénom"),
    "nombre": ("user_data.fn", (), "apellido, apellidos"),
    "nome": ("user_data.fn", (), "cognome, sobrenome, apelido"),
}

NOT_BARE: Final = frozenset(
    # Meta's own names that mean something else in most exports; they count with their prefix alone
    "custom_data.status user_data.page_id user_data.partner_id user_data.partner_name app_data.vendor_id "
    "user_data.subscription_id custom_data.store_data app_data.campaign_ids".split()
)

LIKELY: Final = {
    # parts of names that a person may mean, shown where a field is missing; never mapped by themselves
    "event_time": "date, time, datum, fecha, data, created, zeit, hora, heure",
    "event_name": "event, stage, type, action",
    "action_source": "action, channel, source",
    "custom_data.value": "total, amount, value, revenue, sales, betrag, summe, montant, importe, importo, valor",
    "user_data.em": "mail, correo, courriel, contact",
    "user_data.ph": "phone, tel, mobil, handy, celular",
}
