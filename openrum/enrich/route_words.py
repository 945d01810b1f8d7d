"""The words that the grouping of routes knows: tables alone, no logic. Lower case all.

before   "/users/new", "/users/alice"
after    "new" is a page of its own, for it stands in MENU; "alice" is one of many, for "users" stands in PEOPLE
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What follows one of these is a person, or a group of them, unless it is a word of MENU.
PEOPLE = _words("""
    author authors contributor contributors u user users member members people person profile profiles player players
    r org orgs organization organizations team teams artist artists
""")

# What follows one of these, and is written as several words, is one thing of many.
TITLED = _words("""
    blog blogs post posts product products item items listing listings t wiki
""")

# As above, where two words may still be a section of the site ("/news/world-europe"), three are a title.
TITLED_AT_LENGTH = _words("""
    news article articles story stories opinion opinions event events recipe recipes question questions topic topics
    thread threads job jobs course courses show shows movie movies film films book books hotel hotels tour tours
    itinerary itineraries podcast podcasts video videos press threads case-studies discussions p
""")

# A whole number after one of these counts, and names nothing.
NUMBERED = _words("""
    page pages-from step steps season episode chapter week month day level offset limit size width height quarter
    volume vol part slide round
""")

# A year after one of these, or at the head of a path, is a date; elsewhere it is as good an id as any number.
DATED = _words("""
    archive archives blog news calendar events posts press press-releases reports report articles statements
    newsletter newsletters changelog uploads year years date live monthly yearly daily history
""")

MONTHS = _words("""
    jan feb mar apr may jun jul aug sep sept oct nov dec
    january february march april june july august september october november december
""")

# Pages and sections that a site builds by hand; never one of many, whatever stands before them.
MENU = _words("""
    about about-us account accounts activity add admin all analytics api app apps archive archives assets atom auth author avatar
    authors badges batch billing blog bulk bulk-edit callback cart categories category change changelog chat checkout
    collections comments compare confirm contact contact-us count create current dashboard default delete details
    directory docs download downloads drafts edit events explore export faq favorites featured feed filter followers
    following forgot forgot-password friends general guidelines help history home hot images import inbox index info
    invitations invite invites items jobs join latest leaderboard likes list lists live login logout logs lookup
    main_page manage map me media members messages my new new-arrivals news newest next notifications null online orders
    overview page pages password payment permissions photo photos popular posts press preferences preview pricing previous privacy
    privacy-policy profile profiles projects questions random recent recommended register registration rejected
    related releases replies reports reset reset-password results reviews roles rss save saved search security self
    sessions settings setup shop signin sign-in signout sign-out signup sign-up sitemap stats status subscribe summary
    support suggest suggestions tag tagged tags team teams terms terms-and-conditions terms-of-service today top
    topics trash trending undefined unread unsubscribe update upload uploads users validate verify verify-email video
    videos views watchlist welcome whoami wishlist best-sellers on-sale gift-cards coming-soon getting-started
    how-it-works privacy-settings change-password
""")

# A file of this name stands for its folder.
FOLDER_FILES = frozenset(
    f"{name}.{ending}"
    for name in ("index", "default")
    for ending in ("html", "htm", "php", "asp", "aspx", "jsp", "shtml", "xhtml", "cgi")
)

# What bundlers write, with a hash of the contents in the name …
BUNDLES = _words("js mjs cjs css map wasm woff woff2 ttf otf eot")
# … what stands beside it …
PICTURES = _words("png jpg jpeg gif webp avif svg ico bmp tiff mp4 webm mp3 ogg m4a mov ts m4s m3u8 pbf")
# … and other files.
DOCUMENTS = _words("""
    html htm xhtml shtml php asp aspx jsp jspx do action cgi pdf json xml csv tsv txt md rss atom ece zip gz tar tgz
    doc docx xls xlsx ppt pptx ics vcf parquet geojson webmanifest yaml yml log
""")

# Pages of their own although they are numbers.
STATUS_PAGES = _words("400 401 403 404 410 429 500 502 503 504")

# Under these the next label is somebody's own site. No public suffix list is at hand; these are the common ones.
SHARED_DOMAINS = _words("""
    github.io gitlab.io netlify.app vercel.app now.sh pages.dev workers.dev r2.dev herokuapp.com azurewebsites.net
    azureedge.net azurestaticapps.net cloudfront.net web.app firebaseapp.com appspot.com run.app blogspot.com onrender.com
    fly.dev surge.sh myshopify.com b-cdn.net ngrok.io ngrok.app ngrok-free.app wordpress.com wixsite.com webflow.io
    framer.app glitch.me repl.co replit.app deno.dev amplifyapp.com bitbucket.io readthedocs.io gitbook.io
    streamlit.app hf.space supabase.co fastly.net akamaized.net trycloudflare.com
""")
# Before a country's two letters these labels sell names: bbc.co.uk, abc.net.au, … .or.jp.
SECOND_LEVELS = _words("ac co com edu go gob gouv gov ltd me mil ne net nic nom or org plc sch")
# Names below these belong to whoever rented them, at any depth: compared whole.
RENTED_DOMAINS = ("amazonaws.com", "on.aws", "windows.net", "cloudapp.net")
