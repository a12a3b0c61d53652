"""What is said in the demonstration's school rooms; `demo_script` says how to read it."""

CLASS_8B = """
[6 days ago, 15:40]
+ rohan, meera, kabir, emily
asha: Good afternoon, 8B! This room is ours: homework, questions, lost water bottles. Please keep the room ID inside the class.
rohan: first!! 🎉
meera: नमस्ते मैम 🙏
+ fatima, नेहा
asha: नमस्ते मीरा! हिंदी और English, दोनों चलेंगी।
kabir: Ma'am can we ask maths doubts here also
asha: Of course. And please *answer* them too; whoever explains a thing learns it twice.
emily: Found: one blue water bottle, sticker of a panda. It is on the notice board now, in case nobody reads here. {notice-board.webp}
नेहा: वो मेरी है!! धन्यवाद emily 😭
emily: He missed you, he told me.
[6 days ago, 18:25]
kabir: What was the English homework? I wrote "page" and then the bell rang
fatima: Page 41, the poem. Four lines on what the river says, in your own words.
kabir: thank you!! my notebook literally says "page"
rohan: poetic already
[5 days ago, 07:12]
+ imran
imran: Bus 4 is stuck at the railway crossing. About 20 minutes late. Route 2 children, please wait inside the gate.
fatima: Okay sir. There are five of us here.
imran: बहुत अच्छा। फाटक खुलते ही बताता हूँ।
meera: सर, मम्मी पूछ रही हैं कि क्या वो छोड़ दें?
imran: ज़रूरत नहीं, फाटक खुल गया। आठ मिनट में पहुँचेंगे।
fatima: Bus is here 🚌 all five are in.
asha: Thank you, Imran ji. Nobody will be marked late; first period starts ten minutes later today.
kabir: best crossing ever {gif:cheer}
[5 days ago, 16:50]
asha: Maths for tomorrow:
    1. Exercise 6.2, questions 1 to 5
    2. One word problem that you invent yourself
    3. Bring a compass. **A real one**, Kabir.
kabir: one time i brought a magnet ONE TIME
rohan: it did find north tho
emily: Does the word problem need a solution as well?
asha: Yes, on a separate page. We will swap them.
[5 days ago, 19:38]
meera: 6.2 का चौथा सवाल किसी ने किया? मेरा उत्तर 17.5 आ रहा है, किताब में 18 है
fatima: I also got 17.5
rohan: same. maybe the book rounds?
fatima: Let me check again.
fatima: Found it. It says the path goes *around* the garden, so the width counts twice:
    > A path 2 m wide runs all around it

    So it is 10 + 2 × 2 and not 10 + 2.
meera: ओह! हाँ, अब 18 आ गया। शुक्रिया फ़ातिमा 💛
rohan: fatima for prime minister
rohan (deleted): answers to all five are 18, 22, 9, 31 and 4 just copy
asha: Rohan, I saw that before you took it back. 🙂 Show me your steps tomorrow, please.
rohan: yes ma'am 🫣
[4 days ago, 13:20]
नेहा: आज मेरी invented problem किसे मिली थी? हाथी और आइसक्रीम वाली
kabir: me. why does the elephant need 45 litres
नेहा: गर्मी है
emily: Objectively the best problem of the class.
asha: It had two unknowns and one very happy elephant. Full marks.
[4 days ago, 17:05]
asha: Library day is tomorrow. Return what you have; the list of overdue books is at https://example.org/library/8b
rohan: mine says 112 days that cannot be right
asha: It is right.
emily: That is a third of a year, Rohan.
rohan: its a thick book
[3 days ago, 16:15]
asha: Science project groups are up. Mr Brooks has opened a room for each group; your group leader has the room ID.
meera: मैम, क्या हम ग्रुप बदल सकते हैं?
asha: इस बार नहीं मीरा। पर अगली बार तुम पहले चुनोगी।
kabir: which group am i
fatima: Water. With me, Emily and Rohan. We told you at lunch.
kabir: i was eating
[2 days ago, 20:10]
नेहा: कल की असेंबली में किसको बोलना है?
fatima: Me and Meera. Thought for the day.
meera: मैंने लिख लिया है:
    > जो पूछता है वह एक पल के लिए अनजान होता है, जो नहीं पूछता वह हमेशा के लिए।
emily: That is lovely. I would like it in English too, if there is time.
fatima: I will say it after her. "Who asks does not know for a moment; who does not ask, never will."
asha: I am proud of you two. Sleep early!
[1 days ago, 14:30]
asha: The assembly was wonderful. Two parents asked me for the quote.
meera: {meera.ogg}
नेहा: 🥹🥹
kabir: ma'am is the unit test on monday or tuesday
asha: Tuesday. Chapters 5 and 6, and no elephants.
नेहा: 😤🐘
[1 days ago, 19:02]
rohan: does anyone have the map work sheet, mine is under the dog
emily: Is the dog heavy?
rohan: the dog is asleep
emily: I will bring you a spare one.
[46 minutes ago]
नेहा: असेंबली के लिए हमारी रंगोली बन गई! चार घंटे, बारह हाथ, एक बिल्ली जो बीच में बैठ गई थी। {rangoli.webp}
asha: बहुत सुंदर! It goes into the school magazine. Who made the centre?
नेहा: फ़ातिमा! और दीये कबीर लाया, सिर्फ़ एक गिरा।
fatima: Study group for the unit test? I can explain 6.2 and 6.3.
meera: हाँ! मैं 5.4 समझा सकती हूँ, सुनो: {meera.ogg}
kabir: i can bring samosas
rohan: this is the best study group {gif:bravo}
नेहा: किस समय? मेरी ट्यूशन पाँच बजे तक है
fatima: Half past five, here in the room first, then we see who is stuck.
emily: I am in. Here is what I would practise:
    - area of a path (the *outside* one!)
    - percentages backwards
    - one problem with a compass
asha: I will look in at six, in case all of you are stuck at the same place. 💪
"""

WATER = """
[3 days ago, 16:40]
+ fatima, emily, rohan, kabir
daniel: Welcome, Water group. Question of the project: *how much clean water does our school waste in a day, and how could it be less?*
fatima: Can we choose how we measure?
daniel: You must. That is half of the marks.
emily: Plan, first try:
    1. Count the taps
    2. Measure one dripping tap for ten minutes
    3. Multiply, then check with the water meter
rohan: i can count taps. i am good at walking around during lunch
kabir: 22 on the ground floor. i counted the day we had the hall
daniel: Good start. Write down *when* you measured, each time. A number without a time is a rumour.
[3 days ago, 19:15]
fatima: I put the table here so that everyone has the same: https://example.org/water/table
emily: I added a column for who measured.
rohan: and i added a column for excuses
emily: I removed a column.
[2 days ago, 13:05]
rohan: the tap near the canteen: 340 ml in ten minutes!! i used my bottle {canteen-tap.webp}
fatima: That is
    `340 ml × 6 × 24 = 48,960 ml`
    so almost 49 litres a day. From one tap!
kabir: thats more than the elephant
daniel: What elephant?
emily: A long story from maths, sir.
[2 days ago, 17:48]
kabir: i made a thing so we dont multiply by hand
kabir: ```python
    def litres_per_day(ml, minutes):
        return ml / minutes * 60 * 24 / 1000

    taps = {"canteen": (340, 10), "garden": (95, 10), "lab": (12, 5)}
    for name, (ml, minutes) in taps.items():
        print(name, round(litres_per_day(ml, minutes), 1))
    ```
kabir: ```
    canteen 49.0
    garden 13.7
    lab 3.5
    ```
emily: Kabir this is so good!
fatima: It agrees with mine. We should say in the report that we checked it by hand once.
daniel: Very good. Now think: does a tap drip the same at night, when the pressure is higher?
rohan: are we allowed to come at night
daniel: No.
rohan (deleted): my cousin has a key to the side gate
rohan: then i ask the guard to measure, he likes me
[1 days ago, 08:05]
rohan: guard uncle measured at 11 pm and at 5 am!! canteen: **410** and **395** ml
emily: So the night is *worse*. That is our result, isn't it?
fatima: It is one tap and one night. Let us ask him for the garden tap as well.
daniel: Fatima, that is exactly what a scientist would say. And please thank the guard in the report, by name.
[1 days ago, 18:20]
emily: Draft of the poster:
    - ~~We waste water~~ **Two repaired taps save 60 litres a day**
    - one drawing of the canteen tap (Rohan)
    - Kabir's program, printed large
    - what we do not know yet
daniel: Put "what we do not know yet" first. Nobody does that, and everybody reads it.
kabir: can i use two colours for the code
emily: You may use three.
[33 minutes ago]
emily: The chart for the poster, coloured in at my kitchen table: {litres-a-day.webp}
daniel: News: the head teacher read your draft. A plumber comes on Monday for the canteen tap.
rohan: WE FIXED A TAP {gif:party}
fatima: We *measured* a tap, and somebody fixes it. 😄 Can we measure again afterwards?
daniel: You had better. Before and after, same bottle, same ten minutes.
emily: I wrote it into the plan. Rohan, please do not wash the bottle away.
rohan: it is in my bed
kabir: why
rohan: safety
"""

SPORTS_DAY = """
[5 days ago, 15:10]
+ asha, sunita, tom, meera, arjun
imran: नमस्ते सबको! खेल दिवस के लिए यह कमरा बनाया है। तारीख़ पक्की: अगला शनिवार, सुबह आठ बजे से।
sunita: नमस्ते इमरान जी। पानी और छाया का इंतज़ाम माता-पिता कर सकते हैं।
imran: बहुत मेहरबानी। तीन टेंट चाहिए होंगे।
tom: I can lend two tents from the club, and the small loudspeaker.
asha: Wonderful, Tom. Then we need one more tent and someone with a whistle.
arjun: सर, मेरे पास सीटी है 😎
imran: अर्जुन, तुम्हारी सीटी पूरे मोहल्ले ने सुनी है। ठीक है, तुम स्टार्टर।
[5 days ago, 20:30]
sunita: खेलों की सूची बना दी है, छपी हुई भी: {programme.pdf}
sunita: यहाँ भी लिख देती हूँ:
    1. 100 मीटर दौड़
    2. रस्साकशी
    3. नींबू-चम्मच दौड़
    4. रिले
    5. माता-पिता की दौड़ 😅
meera: मम्मी आप भी दौड़ोगी?
sunita: बिल्कुल। पिछले साल की हार अभी भूली नहीं हूँ।
asha: The lemon-and-spoon race needs 40 lemons. Who brings them?
tom: My tree has more lemons than leaves. I will bring fifty, ten are for falling down.
[4 days ago, 16:45]
imran: रिले की टीमें:
    - **लाल**: मीरा, कबीर, नेहा, रोहन
    - **नीली**: अर्जुन, फ़ातिमा, एमिली, दीपक

    आज से रोज़ चार बजे अभ्यास, बीस मिनट।
meera: लाल टीम जीतेगी! ❤️
arjun: हम देखेंगे 💙
+ rohan
rohan: kabir dropped the baton 4 times today but in a very fast way
imran: गिरी हुई बैटन उठाकर दौड़ना भी सीखना पड़ता है।
[3 days ago, 18:00]
sunita: तीसरा टेंट मिल गया, मेरे भाई के यहाँ से।
asha: Thank you! First aid box is checked, the nurse will be there from half past seven.
tom: Weather says 24 degrees and no rain. Details: https://example.org/weather
imran: मौसम भी हमारी टीम में है ☀️
[2 days ago, 17:25]
arjun: सर, क्या शिक्षकों की भी दौड़ होगी?
asha: Who told you to ask that?
arjun: सब ने 😁
imran: होगी। आशा मैम, आप और ब्रूक्स सर, तैयार रहिए।
asha (deleted): I have a sudden injury
asha: Fine. I will run. Slowly, and with dignity.
meera: मैम हम आपके लिए चिल्लाएँगे!!
[1 days ago, 19:20]
imran: कल आख़िरी अभ्यास। पानी की बोतल साथ लाना, नाम लिखकर।
rohan: mine is a scientific instrument now, i bring another one
tom: Lemons picked: 61. I am sorry, I could not stop. This is what is left: {lemon-tree.webp}
sunita: बाक़ी का शरबत बना लेंगे 🍋
[58 minutes ago]
meera: पोस्टर तैयार है, कल से दीवारों पर! {sports-day.webp}
imran: {imran.ogg}
imran: अभ्यास का समय: नीली 54.2 सेकंड, लाल 54.1 सेकंड!
arjun: एक दशमलव?? दोबारा नापिए सर 😩
meera: ❤️❤️❤️ {gif:dance}
imran: शनिवार को सब पता चल जाएगा। आज सब जल्दी सोना।
asha: Beautiful running, both teams. Tom, please keep one lemon for my nerves.
tom: Only one? Take three.
"""
