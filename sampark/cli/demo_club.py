"""What is said in the demonstration's clubs and in the room for everyone; `demo_script` says how to read it."""

KITCHEN = """
[6 days ago, 11:00]
+ lakshmi, tom, asha
sunita: रसोई क्लब में आपका स्वागत है! हर हफ़्ते एक व्यंजन, सब मिलकर। Recipes in any language.
lakshmi: धन्यवाद बेटा। मेरे पोते ने मुझे यह सिखाया है, धीरे-धीरे लिखूँगी।
tom: Welcome, Lakshmi ji. I type with two fingers as well.
sunita: इस हफ़्ते: **पोहा**। सबका अपना तरीक़ा बताइए!
[6 days ago, 12:30]
lakshmi: मेरा पोहा:
    - मोटा पोहा दो कटोरी, बस एक बार धोना, भिगोना नहीं
    - राई, करी पत्ता, हरी मिर्च, मूँगफली
    - हल्दी चुटकी भर, नमक, थोड़ी चीनी
    - आख़िर में नींबू और हरा धनिया
tom: Washed but not soaked! So that is why mine becomes porridge.
asha: Every family has that secret, and every family thinks it is the only one. 😄
lakshmi: दलिया नहीं बेटा, पोहा फूल जैसा होना चाहिए 🌼 {lakshmi.ogg}
[5 days ago, 09:40]
tom: Second try. It looked like poha!! Here it is, two minutes before it was gone. {poha.webp}
sunita: यही सबसे अच्छी तारीफ़ है। {gif:food}
+ grace
grace: Asha told me there is food in here.
sunita: स्वागत है ग्रेस! भूख साथ लाई हैं ना?
grace: Always. I bring a question: what do I do with two kilos of green tomatoes?
lakshmi: चटनी! हरे टमाटर, लहसुन, हरी मिर्च, तिल। पहले भून लेना।
grace: How long do I roast them?
lakshmi: जब तक छिलके पर काले दाग़ न आ जाएँ। दस मिनट।
[4 days ago, 20:15]
grace: The chutney is a *revelation*. My husband put it on toast, on rice, and on cake.
tom: On cake?
grace: We do not talk about it.
sunita: 😂😂
[3 days ago, 10:20]
sunita: अगला व्यंजन कौन चुनेगा?
asha: May I? **Banana bread**, because there are five black bananas in the staff room and nobody admits to them.
tom: I admit to two.
asha: Here is mine, for one tin:
    1. Three very ripe bananas, mashed
    2. 80 g butter, 120 g jaggery, one egg
    3. 200 g flour, one spoon of baking soda
    4. 180 °C, fifty minutes
lakshmi: अंडे के बिना कैसे बनेगा?
asha: Half a cup of curd instead of the egg, Lakshmi ji. It rises just as well.
lakshmi: तब मैं भी बनाऊँगी।
[2 days ago, 16:35]
lakshmi: केले की ब्रेड बन गई! थोड़ी इलायची भी डाली। पोता तीन टुकड़े खा गया।
+ arjun
arjun (deleted): दादी वो चार थे
- arjun
asha: Did your grandson just come in, object, and leave again?
lakshmi: हाँ। वह कहता है चार थे।
grace: Cardamom in banana bread, noted. That is going to change my weekend.
[1 days ago, 12:10]
tom: Question: jaggery in pieces, do you grate it or melt it?
sunita: कद्दूकस। गरम मक्खन में मिल जाएगा।
tom: Thank you. I melted it. There is now a kind of amber in my pan.
sunita: गरम पानी में रात भर छोड़ दीजिए, सब छूट जाएगा 🙂
[1 days ago, 20:45]
grace: Should we cook something for Sports Day? For the helpers, perhaps.
sunita: बहुत अच्छा विचार! नींबू का शरबत तो पक्का है, टॉम के पास इकसठ नींबू हैं।
tom: Sixty-four. They fall when I look at them.
[27 minutes ago]
sunita: खेल दिवस का खाना, कौन क्या लाएगा:
    - शरबत: सुनीता, टॉम
    - पोहा: लक्ष्मी जी
    - banana bread: Asha, Grace
lakshmi: पोहा कितने लोगों के लिए?
asha: Thirty helpers, Lakshmi ji. But we can carry and chop!
lakshmi: {lakshmi.ogg}
lakshmi: तीस तो कुछ नहीं, मेरी शादी में तीन सौ थे 😄
grace: I will make two loaves. One with cardamom, in your honour.
tom: And I wash the pan. When it is possible again.
"""

CHOIR = """
[6 days ago, 18:30]
+ asha, emily, meera, oliver
grace: Hello singers! Rehearsals are Tuesday and Friday, half past four, music room. Please write here if you cannot come.
oliver: Bass reporting. Both of me.
emily: Are we only two basses?
oliver: We are *one* bass, but I eat for two.
meera: मैम, मैं सोप्रानो हूँ या ऑल्टो? मुझे पता नहीं 😅
grace: Come five minutes early and we find out. There is no wrong answer, only a wrong chair.
[5 days ago, 19:00]
grace: Meera is a soprano. You could hear it from the car park.
meera: 🙈
grace: Programme for the winter concert:
    1. *Raghupati Raghav*
    2. *Simple Gifts*
    3. *Hum Honge Kamyab / We Shall Overcome*, both languages
asha: Oh, the third one! We sang that in my school.
oliver: Do we have the words of the first one in Latin letters? I read slowly.
meera: मैं लिख दूँगी! आज रात तक।
grace: And the second one goes like this, sung by me on the stairs: {simple-gifts.ogg}
[5 days ago, 21:05]
meera: > रघुपति राघव राजाराम
    > पतित पावन सीताराम

    *raghupati rāghav rājārām, patit pāvan sītārām*
oliver: That helps a lot. Thank you, Meera!
emily: And in the third one "kamyab" is "successful"? I like how it sounds.
meera: हाँ, और "एक दिन" मतलब one day 🙂
[3 days ago, 16:10]
oliver: I am late, the bicycle has opinions. Start without me.
grace: A choir without bass is a house without a floor. We warm up slowly.
oliver: Three minutes. I can hear you from the street and you are *good*.
[3 days ago, 18:45]
grace: That was the best bridge passage so far. Homework: bars 17 to 24, counting aloud.
asha: The tenors (that is, me) come in too early each time. I will practise in the car.
grace: You come in with conviction. I would rather have that.
[2 days ago, 20:00]
emily: Could I bring my violin for "Simple Gifts"?
grace: Yes please! In D. Play the tune once alone, then softly under us.
emily: Practising now. The neighbours' cat has left.
oliver: Cats know nothing.
[1 days ago, 17:50]
grace: Recording of today's rehearsal for those who were away: https://example.org/choir/rehearsal-12
meera: बार 20 पर मेरी आवाज़ फट गई, कृपया मत सुनना
oliver: I listened to bar 20 four times. It is alive! Keep it.
grace (deleted): Friday moved to 5 o'clock
grace: Friday stays at half past four. Ignore me, I read the wrong calendar.
[39 minutes ago]
grace: Concert clothes: black or dark blue, something red if you have it. No uniform, please look like yourselves.
asha: Is a red lemon possible? I know a man with a tree.
grace: What is it with that tree? I hear of it everywhere.
meera: मैम क्या मम्मी-पापा आ सकते हैं?
grace: Everybody's parents, grandparents and neighbours. Not the cat.
emily: He has apologised. 🐈
"""

COMPUTERS = """
[5 days ago, 17:00]
+ kabir, arjun, emily, daniel
oliver: Computer club, first rule: nobody laughs at a question. Second rule: `print` is a debugger too.
kabir: third rule: samosas
oliver: Granted.
arjun: मेरा पहला प्रोग्राम:
    ```python
    नाम = input("आपका नाम? ")
    print("नमस्ते,", नाम)
    ```
    हिंदी में नाम रखना चल गया! 😲
oliver: Yes! Python takes letters of any script in names.
daniel: That is news to me, and I have taught it for six years.
[4 days ago, 18:10]
emily: Why does `0.1 + 0.2` give 0.30000000000000004?
oliver: Because 0.1 has no end in binary, as ⅓ has none in decimal. The machine rounds.
emily: So the computer also thinks "good enough"?
daniel: Best explanation of floating point I have read this year.
kabir: ```python
    >>> 0.1 + 0.2 == 0.3
    False
    >>> round(0.1 + 0.2, 9) == 0.3
    True
    ```
arjun: तो बराबर मत पूछो, पास-पास पूछो
oliver: **Exactly that.** Somebody frame it.
[3 days ago, 19:30]
kabir: mine says IndentationError and i have looked at it for one hour
oliver: Show us.
kabir: ```python
    for tap in taps:
        if tap.drips:
          print(tap)
        else:
            print("ok")
    ```
emily: Line 3 has two spaces, line 5 has four.
kabir: i have looked at it for ONE HOUR
daniel: A fresh pair of eyes is the cheapest tool there is.
[2 days ago, 17:20]
oliver: Little contest: shortest program that prints the numbers 1 to 20, "Setu" instead of multiples of five.
arjun: ```python
    for n in range(1, 21): print("Setu" if n % 5 == 0 else n)
    ```
emily: ```python
    for n in range(1, 21): print(n % 5 and n or "Setu")
    ```
oliver: Emily wins by five characters, Arjun wins by being readable. Two samosas each.
kabir: who is paying for these
oliver: You brought up the third rule.
[1 days ago, 18:05]
daniel: Kabir showed the water program in the staff meeting today, did he tell you?
kabir: i said three sentences
daniel: The head asked whether it can do electricity, too.
arjun: कबीर भाई मशहूर हो गया 😎
kabir: it can! same formula. only the unit is different
oliver: *That* is the moment when one becomes a programmer.
kabir (deleted): i also ran it on the staff room coffee
[52 minutes ago]
emily: Next time I would like to learn how a web page gets to me.
oliver: Then we read one together. Look at what your browser asks for:
    ```
    GET / HTTP/1.1
    Host: chat.example.org
    ```
    and what comes back is text that you can read. No magic.
arjun: क्या यह चैट भी ऐसे ही चलती है?
oliver: Yes. Sending is a form, and what others write comes down one long answer that stays open.
kabir: so this message is HTML
oliver: It is now. 🙂
daniel: I will bring the projector. Kabir brings lunch.
"""

EVERYONE = """
[6 days ago, 09:00]
asha: सुप्रभात! Good morning! This room belongs to everyone: teachers, pupils, parents, friends of the school.
sunita: नमस्ते सबको 🙏
tom: Hello all. Tom from the sports club next door, owner of too many lemons.
grace: Good morning! The choir still has free chairs. Ask me for the room ID.
lakshmi: सबको आशीर्वाद। मैं अर्जुन की दादी।
arjun: दादी!! आप यहाँ भी 😄
[4 days ago, 10:15]
daniel: The science corridor is closed until noon, a pipe is being repaired. Please use the east stairs.
kabir: was it a tap
daniel: It was not a tap, Kabir.
[3 days ago, 12:00]
oliver: Found near the gate: one key with a green ribbon. It is with the guard.
नेहा: यह हमारी है! पापा ढूँढ रहे थे, बहुत धन्यवाद
[2 days ago, 09:30]
asha: Dates for this month:
    - **Saturday**: sports day, from eight in the morning
    - the week after: winter concert
    - then: book fair, two days
sunita: धन्यवाद आशा जी। क्या पुस्तक मेले में पुरानी किताबें दे सकते हैं?
asha: जी हाँ, साफ़ और पूरी। बुधवार तक पुस्तकालय में।
[1 days ago, 11:40]
grace: The concert poster needs a drawing. Who can hold a pencil?
emily: Me! Also नेहा, she draws better than I do.
नेहा: झूठ! पर हाँ, मैं कर सकती हूँ 🎨
नेहा: पहली कोशिश, चाँद गाता है: {winter-concert.webp}
grace: I want it on every wall, and one at home. {gif:thank-you}
[21 minutes ago]
imran: शनिवार के लिए सात स्वयंसेवक और चाहिए: चार टेंट पर, तीन पानी पर।
tom: Put me down for a tent.
oliver: Water, if I may stand in the shade.
lakshmi: मैं पोहा परोसूँगी।
fatima: I can help until ten, sir.
imran: धन्यवाद! अब बस तीन और। हाथ उठाइए 🙋
"""
