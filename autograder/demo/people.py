"""Names for a class, as they stand in front of an e-mail address."""

NAMES = (
    "aaliyah.johnson", "aarav.sharma", "adwoa.mensah", "aiko.tanaka", "aino.virtanen", "ali.hosseini", "amara.okafor", "ana.sousa",
    "anders.lindqvist", "aroha.ngata", "ayse.yilmaz", "bao.nguyen", "beatriz.costa", "chen.jing", "chidi.eze", "daniela.rojas",
    "david.cohen", "dilnoza.karimova", "elena.popescu", "emeka.obi", "fatima.alzahra", "finn.oconnor", "giulia.ricci", "hanna.kowalska",
    "hiroshi.sato", "ibrahim.diallo", "ines.moreau", "ivan.petrov", "jasmin.schneider", "jose.hernandez", "kalani.kealoha", "katya.ivanova",
    "kwame.asante", "lea.fischer", "leila.haddad", "li.wei", "mads.jensen", "malia.tui", "maria.papadopoulou", "mateo.garcia",
    "mehmet.demir", "min-jun.kim", "naledi.dlamini", "nurul.rahman", "omar.farouk", "priya.natarajan", "quang.tran", "rosa.quispe",
    "samuel.abebe", "seo-yeon.park", "sina.faleolo", "tariq.aziz", "thandiwe.nkosi", "tomas.novak", "wanjiru.kamau", "yara.haddad",
    "yuki.mori", "zainab.bello", "zhang.min", "zofia.wisniewska",
)  # fmt: skip
