"""What databases and programs call the columns of their tables: data for the CSV and XLSX readers.

Names are written as ``normalise_header`` leaves them: lower case, letters and digits only. Sources: exports of each
vendor (see docs/reference/formats), for those without a file here the vendor's own documentation.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Columns = dict[str, tuple[str, ...]]

_HEADERS = """
title: title articletitle documenttitle itemtitle studytitle publicationtitle1 primarytitle
    scientifictitle officialtitle publictitle brieftitle papertitle displayname titel translatedtitle
    titulo título titre title题名 题名 篇名 ti
titles: titles originaltitle translatedtitle titletranslated titleenglish
authors: authors author authorss authornames authorfullnames authorscontributors contributors creators
    autores auteurs authorshipsauthordisplayname authorshipsrawauthorname author作者 作者 au
authors_full: authorfullnames
year: year publicationyear pubyear yearpublished publishedyear py año ano year年 年
date: date datepublished publicationdate pubdate published startdate dateregistration3 dateregistration
    onlinedate createdate dateraw pubtime发表时间 发表时间
container: sourcetitle sourcetitleanthologytitle journal journalbook publicationtitle pubtitle
    publication container source journaltitle secondarytitle journalname venue
    primarylocationsourcedisplayname locationssourcedisplayname sourceregister source文献来源 source刊名 刊名
    文献来源 so
volume: volume journalvolume volumenumber bibliovolume roll卷 volume卷 vl
issue: issue number issuenumber journalissue biblioissue period期 is
pages: pages pagination page pagerange page页码 artno articlenumber
page_start: pagestart startpage beginningpage firstpage bibliofirstpage
page_end: pageend endpage endingpage lastpage bibliolastpage
abstract: abstract briefsummary abstracts1 summary abstractnote resumen resumo summary摘要 摘要 ab
abstracts: abstracts originalabstract
keywords: keywords authorkeywords indexkeywords keywordsplus meshterms ieeeterms manualtags descriptors
    descriptor subjects keywordsdisplayname conditions condition emtreemedicalindextermsmajorfocus
    keyword关键词 关键词 de
languages: language languages languageoforiginaldocument idioma la
affiliations: affiliations authoraffiliations authorsrawaffiliation authorsaffiliations addresses
    affiliation authorshipsrawaffiliationstrings authoraddress organ单位 单位
doi: doi itemdoi digitalobjectidentifier doidoi di
pmid: pmid pubmedid pubmedid1 idspmid
pmcid: pmcid idspmcid
issn: issn issns eissn printissn
isbn: isbn isbns printisbn
nct: nctnumber ctgovid clinicaltrialnumbers
trials: trialid nctnumber clinicaltrialnumbers otherids secondaryids secondaryid ictrpid ctgovid
accession: eid utuniquewosid uniquewosid lensid centralid cochranereviewid embaseid embaseaccessionid
    accessionnumber medlinepmid openalexid publicationid ericid idsopenalex id key ut
ids: ids
urls: url urls link externalurl fulltexturl studyurl pdflink webaddress articleurl plink sourcelinkout
    dimensionsurl primarylocationlandingpageurl url网址 链接
resolver: openurllink
type: type documenttype publicationtype contenttype itemtype doctype srcdatabase来源库 dt
database: database databases databasename source数据库
titlelanguages: titlelanguages
abstractlanguages: abstractlanguages
"""


def _read_table(text: str) -> Columns:
    """``field: name name ...``, one field a line; indented lines go on."""
    lines = text.strip().replace("\n    ", " ").split("\n")
    return {line.partition(":")[0]: tuple(line.partition(":")[2].split()) for line in lines}


HEADERS = _read_table(_HEADERS)
"""Field -> header names in order of trust."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One vendor's table: the headers that give it away, and what it does in its own way.

    ``columns`` replaces the general names of a field. ``separator`` stands between the parts of a list. ``quotes``:
    quotes open and close a cell. ``trial``: the rows are registered trials.
    """

    database: str
    signs: frozenset[str]
    columns: Columns = field(default_factory=dict)
    separator: str = ";"
    quotes: bool = True
    trial: bool = False


def _signs(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _columns(text: str) -> Columns:
    return _read_table(text.replace("; ", "\n"))


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "Web of Science",
        _signs("au pt so ti ut"),
        _columns(
            "authors: af au; year: py; date: pd ea; container: so j9; pages: ar; page_start: bp; page_end: "
            "ep; keywords: de id; affiliations: c1; issn: sn ei; isbn: bn; doi: di dl; pmid: pm; accession: "
            "ut; titles: ft; urls:; database:"
        ),
        quotes=False,
    ),
    Dialect("Web of Science", _signs("utuniquewosid"), _columns("authors: authorfullnames authors")),
    Dialect("Scopus", _signs("eid sourcetitle")),
    Dialect("Embase", _signs("authornames openurllink"), separator=","),
    Dialect("PubMed", _signs("journalbook pmid")),
    Dialect("IEEE Xplore", _signs("documenttitle ieeeterms")),
    Dialect("SpringerLink", _signs("itemdoi itemtitle")),
    Dialect("Lens", _signs("lensid")),
    Dialect("Dimensions", _signs("publicationid pubyear"), _columns("titles:; database:")),
    Dialect("CENTRAL", _signs("centralid")),
    Dialect("Cochrane Database of Systematic Reviews", _signs("cochranereviewid")),
    Dialect(
        "OpenAlex",
        _signs("authorshipsauthordisplayname"),
        _columns(
            "title: title displayname; keywords: keywordsdisplayname; authors: authorshipsrawauthorname "
            "authorshipsauthordisplayname; type: type"
        ),
        separator="|",
    ),
    Dialect(
        "OpenAlex",
        _signs("authorshipsrawauthorname"),
        _columns(
            "title: title displayname; keywords: keywordsdisplayname; authors: authorshipsrawauthorname; type: type"
        ),
        separator="|",
    ),
    Dialect(
        "ClinicalTrials.gov", _signs("nctnumber"), _columns("keywords: conditions; type:"), separator="|", trial=True
    ),
    Dialect(
        "ICTRP",
        _signs("publictitle trialid"),
        _columns("title: scientifictitle publictitle; titles: publictitle; type:"),
        trial=True,
    ),
    Dialect("CNKI", _signs("author作者 title题名")),
)
"""Asked in this order; the first whose headers are all there takes the table."""
PLAIN = Dialect("", frozenset())
