//! Words that a portfolio in Quebec is made of.

pub(super) const COMPANIES: [&str; 16] = [
    "Gestion immobilière Laurier inc.",
    "9123-4567 Québec inc.",
    "Société en commandite Les Pins",
    "Habitations Chêne & Érable ltée",
    "Immeubles Lévis-Bellechasse S.E.N.C.",
    "Résidences de l'Île inc.",
    "Placements Frontenac",
    "Coopérative d'habitation Le Ricochet",
    "Fiducie familiale D'Amours",
    "Les Entreprises Gagné et Fils",
    "Complexe Saint-Roch",
    "Groupe Montcalm – Divers",
    "Logements Ville-Marie",
    "Capital Limoilou inc.",
    "Domaine du Cap-Rouge",
    "Propriétés Beauséjour",
];

/// Street, and what a building code makes of it.
pub(super) const STREETS: [(&str, &str); 24] = [
    ("boul. Laurier", "LAURIER"),
    ("rue Saint-Jean", "STJEAN"),
    ("chemin Sainte-Foy", "STEFOY"),
    ("rue de l'Église", "EGLISE"),
    ("avenue Cartier", "CARTIER"),
    ("rue du Chevreau", "CHEVRE"),
    ("rue des Érables", "ERABLES"),
    ("côte d'Abraham", "ABRAHAM"),
    ("boul. René-Lévesque Ouest", "RENELEVESQ"),
    ("rue D'Iberville", "IBERVILLE"),
    ("avenue du Mont-Royal Est", "MTROYAL"),
    ("rue Ontario Est", "ONTARIO"),
    ("rue Bélanger", "BELANGER"),
    ("rang Saint-Ange", "STANGE"),
    ("rue Notre-Dame", "NOTREDAME"),
    ("boul. Charest Est", "CHAREST"),
    ("rue de la Couronne", "COURONNE"),
    ("avenue Belvédère", "BELVEDERE"),
    ("rue Père-Marquette", "PEREMARQ"),
    ("3e Avenue", "3EAVENUE"),
    ("rue Hôtel-de-Ville", "HOTELVILLE"),
    ("chemin du Foulon", "FOULON"),
    ("rue King Ouest", "KING"),
    ("rue Racine", "RACINE"),
];

/// City, the first half of its postal codes, its area code, latitude and longitude.
pub(super) const CITIES: [(&str, &str, &str, &str, &str); 10] = [
    ("Québec", "G1R", "418", "46.8139", "-71.2080"),
    ("Lévis", "G6V", "418", "46.8033", "-71.1779"),
    ("Montréal", "H2X", "514", "45.5019", "-73.5674"),
    ("Trois-Rivières", "G9A", "819", "46.3432", "-72.5430"),
    ("Saguenay", "G7H", "418", "48.4279", "-71.0681"),
    ("Sherbrooke", "J1H", "819", "45.4042", "-71.8929"),
    ("Gatineau", "J8X", "819", "45.4765", "-75.7013"),
    ("Saint-Jérôme", "J7Z", "450", "45.7804", "-74.0036"),
    ("L'Ancienne-Lorette", "G2E", "418", "46.7930", "-71.3540"),
    ("Rivière-du-Loup", "G5R", "418", "47.8277", "-69.5340"),
];

pub(super) const BUILDINGS: [&str; 14] = [
    "Maison",
    "Résidence",
    "Les Jardins",
    "Le Château",
    "Complexe",
    "Tour",
    "Manoir",
    "Place",
    "Les Terrasses",
    "Domaine",
    "Le Faubourg",
    "Carré",
    "Villa",
    "Édifice",
];

pub(super) const LAST_NAMES: [&str; 30] = [
    "Tremblay",
    "Gagnon",
    "Roy",
    "Côté",
    "Bouchard",
    "Gauthier",
    "Morin",
    "Lavoie",
    "Fortin",
    "Gagné",
    "Ouellet",
    "Pelletier",
    "Bélanger",
    "Lévesque",
    "Bergeron",
    "Leblanc",
    "Paquette",
    "Girard",
    "Simard",
    "Boucher",
    "L'Écuyer",
    "D'Amours",
    "Saint-Pierre",
    "Nguyễn",
    "Haddad",
    "O'Neill",
    "Müller",
    "Çelik",
    "Traoré",
    "Łukasiewicz",
];

pub(super) const FIRST_NAMES: [&str; 24] = [
    "Guy",
    "Marie-Ève",
    "Jean-François",
    "Chloé",
    "Étienne",
    "Noémie",
    "Luc",
    "Françoise",
    "Benoît",
    "Zoé",
    "Mélanie",
    "Gérald",
    "Maïka",
    "Olivier",
    "Aïcha",
    "André",
    "Sylvie",
    "Hélène",
    "Félix",
    "Josée",
    "Raphaël",
    "Geneviève",
    "Thi Mai",
    "Yves",
];

pub(super) const FIRMS: [&str; 6] = [
    "Dépanneur Chez Ti-Guy",
    "Clinique dentaire Côté & associés",
    "Café \"Le Pied\" inc.",
    "Boulangerie l'Épi d'Or",
    "Notaires Roy, Roy & Fils",
    "Salon Éclat",
];

pub(super) const COMMENTS: [&str; 8] = [
    "Ne pas déranger avant 9 h",
    "Chat accepté; pas de chien",
    "Clé remise le 1er juillet\nCompteur nº 4471",
    "Rénové en 2019 – cuisine et salle de bain",
    "Paiement par chèque, \"toujours à temps\"",
    "Voir l'entente signée; caution: M. D'Amours",
    "<b>URGENT</b> & à suivre {voir} 100 %",
    "Dégât d'eau réparé 🔧",
];

/// Texts where an e-mail address is expected and none stands.
pub(super) const BAD_EMAILS: [&str; 6] =
    ["aucun", "guy.cyr@", "marie eve@exemple.ca", "a@b@c.ca", "www.exemple.ca", "test@exemple"];

/// Texts where a telephone number is expected and none stands.
pub(super) const BAD_PHONES: [&str; 6] =
    ["N/D", "555-0123", "418-555-01", "000-000-0000", "voir dossier", "(418) 555-0142 poste 22 ou 23"];

/// Names that trip what is careless about quotes, width, direction or markup.
pub(super) const ODD_NAMES: [&str; 6] = [
    "🏢 Tour 🇨🇦 Nord",
    "L'\"Édifice\" d'à côté",
    "  Deux  blancs  ",
    "<script>alert('x')</script>",
    "=SOMME(A1;B2), avec virgule",
    "e\u{301}difice décomposé \u{200b}\u{202e}inversé",
];
